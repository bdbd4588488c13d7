"""What the columns of operators' tables are called, in English and Chinese, by the role each plays.

Names are in normal form (letters and digits only, lower case, simplified), the best name of a role first.
"""

from __future__ import annotations

from kolbench.adapters.tables.campaign_words import CAMPAIGN_ROLES

TRADITIONAL = str.maketrans(
    "與業絲個眾傳體內冊創別務動區單發號員響國場復覆複頭對屬幣帳彈歸態總戶據數時機標瀏漲點獲電碼稱筆簽籤"
    "簡類繫紅級紹統編網聯觀覽視計訂認證評論話說讀賬賽贊讚轉達郵採鏈長間閱閲頁領頻題暱註佈歡連絡蹤貼結",
    "与业丝个众传体内册创别务动区单发号员响国场复复复头对属币帐弹归态总户据数时机标浏涨点获电码称笔签签"
    "简类系红级绍统编网联观览视计订认证评论话说读账赛赞赞转达邮采链长间阅阅页领频题昵注布欢连络踪贴结",
)
"""Traditional characters of columns' names to the simplified ones that the names below are written in."""

ACCOUNT_ROLES = {
    "uid": (
        "uid userid accountid channelid mid memberid openid secuid creatorid influencerid kolid bloggerid "
        "authorid 用户id 用户编号 用户uid 账号id 帐号id 达人id 达人uid 博主id 作者id 主播id up主id 数字id id 编号"
    ),
    "handle": (
        "handle username screenname login account acct uniqueid accountname channelinfo channelhandle userhandle "
        "用户名 账号 帐号 达人账号 抖音号 快手号 小红书号 视频号 b站号 微博号 公众号id"
    ),
    "name": (
        "name nickname nick displayname fullname channelname channeltitle creatorname influencername kolname "
        "youtuber influencer creator streamer blogger kol channel artist author authorname "
        "昵称 用户昵称 达人昵称 博主昵称 作者昵称 名称 达人名称 达人名 博主名称 账号名称 账号昵称 账号名 频道名称 频道 "
        "公众号名称 公众号 up主名称 up主 达人 博主 作者 主播 名字 姓名 网红"
    ),
    "url": (
        "profileurl profilelink channelurl homepage url link "
        "主页链接 主页连结 主页地址 达人主页 个人主页 博主主页 空间链接 主页 链接 连结 网址"
    ),
    "bio": (
        "bio biography signature profile intro introduction about description "
        "个性签名 签名 个人简介 账号简介 达人简介 简介 个人介绍 自我介绍 介绍"
    ),
    "category": (
        "category niche vertical topic genre channeltype categories industry "
        "创作领域 达人类型 账号类型 内容类型 一级分类 垂类 赛道 领域 类别 分类 行业 类型 类目 标签 up主标签"
    ),
    "region": (
        "region location ipregion iplocation ip属地 ip归属地 地区 地域 所在地 所在地区 国家地区 "
        "city 城市 province 省份 area country 国家"
    ),
    "gender": "gender sex 性别",
    "verified": (
        "verified verifiedreason verification verify isverified customverify verifytype partner ispartner "
        "认证信息 认证 认证说明 认证类型 是否认证 加v enterpriseverify"
    ),
    "avatar_url": "avatarurl avatar face profilepic profilepicurl profileimageurl profileimage headimg 头像 头像链接",
    "created_at": (
        "createdat accountcreatedat created joined joindate joinedat registeredat signupdate 注册时间 注册日期"
    ),
    "email": "email mail emailaddress 邮箱 电子邮箱 电子信箱 信箱 邮件 联系邮箱",
    "phone": "phone mobile telephone tel phonenumber mobilephone cellphone 手机号 手机 手机号码 电话 联系电话",
    "wechat": "wechat weixin wechatid wx vx 微信号 微信 微信id 联系微信",
    "qq": "qq qq号 qq号码",
    "contact": "contact contactinfo 联系方式 联络方式 商务联系 商务合作",
}
TIME_ROLES = {
    "observed_at": (
        "observedat asof snapshotdate snapshottime datadate statdate crawledat crawltime crawldate fetchedat "
        "scrapedat collectedat capturedat updatedat updatetime date time timestamp datetime "
        "数据日期 统计日期 采集日期 采集时间 抓取时间 抓取日期 数据时间 统计时间 榜单日期 更新时间 更新日期 日期 时间"
    ),
    "period": "period statperiod 榜单类型 榜单周期 统计周期 数据周期 周期",
}

METRIC_ROLES = {
    "followers": (
        "followers follower followerscount followercount followersnum totalfollowers fans fan fanscount fancount "
        "fansnum subscribers subscriber subscribercount subscriberscount subs "
        "粉丝数 粉丝 粉丝量 粉丝总数 粉丝数量 总粉丝数 粉丝总量 "
        "关注者 关注者数 追踪者 追踪者数 追踪人数 订阅数 订阅者 订阅者数 订阅人数 订阅量 订阅"
    ),
    "following": (
        "following followings followingcount followscount followcount follows followees friendscount friends "
        "关注数 关注 关注量 关注人数 正在关注"
    ),
    "posts": (
        "posts postcount postscount videos videocount videoscount uploads statuses statusescount tweets "
        "notes notecount works workscount mediacount awemecount "
        "作品数 作品 作品数量 作品量 视频数 视频数量 投稿视频数 投稿数 投稿量 笔记数 发文数 文章数 微博数 动态数 发布数"
    ),
    "likes": (
        "likes totallikes like likecount likescount hearts heartcount totalfavorited diggcount digg "
        "获赞数 获赞 获赞量 总获赞 总获赞数 获赞总数 点赞数 点赞 点赞量 总点赞数 按赞数 赞 赞数 喜欢数"
    ),
    "comments": (
        "comments comment commentcount commentscount replies replycount 评论数 评论 评论量 总评论数 回复数 留言数 留言"
    ),
    "shares": (
        "shares share sharecount sharescount reposts repostscount retweets retweetcount forwards forwardcount "
        "分享数 分享 分享量 总分享数 转发数 转发 转发量"
    ),
    "views": (
        "views view viewcount viewscount totalviews videoviews totalvideoviews plays play playcount vv reads "
        "readcount 播放数 播放量 播放 总播放量 总播放数 播放总量 "
        "观看数 观看量 观看次数 阅读数 阅读量 阅读 浏览量 浏览数"
    ),
    "collects": (
        "collects collect collectcount collections favorites favourites favorite favoritecount favoritescount saves "
        "savecount bookmarks bookmarkcount 收藏数 收藏 收藏量 总收藏数"
    ),
    "metric:likes_and_collects": (
        "likesandcollects likesandsaves 获赞与收藏 获赞与收藏数 获赞与收藏总数 获赞和收藏 获赞收藏 赞藏 "
        "赞藏数 赞藏量 赞藏总数 点赞与收藏数 点赞收藏总数"
    ),
    "coins": "coins coin coincount 投币数 投币 投币量 硬币 硬币数",
    "danmaku": "danmaku danmakucount danmu videoreview 弹幕数 弹幕 弹幕量",
    "avg_likes": "avglikes averagelikes avglike meanlikes 平均点赞数 平均点赞 平均点赞量 篇均点赞 平均赞 场均点赞",
    "engagement_bp": "engagementrate engrate er avgengagementrate 60dayengrate 30dayengrate 互动率 平均互动率",
    "influence": "influencescore influence 影响力 影响力分 影响力指数",
    "members": "members membercount memberscount 成员数 群人数",
    "followers_gained": (
        "followersgained newfollowers followergrowth fansgained subscribersforlast30days "
        "涨粉数 涨粉 涨粉量 新增粉丝 新增粉丝数 粉丝增量 净增粉丝 净增粉丝数 净涨粉"
    ),
    "rank": "rank ranking position 排名 名次 排行",
}

POST_ROLES = {
    "post_uid": (
        "postuid postid videoid noteid awemeid tweetid statusid articleid itemid mediaid photoid shortcode bvid aid "
        "作品id 视频id 笔记id 文章id 内容id 稿件id 微博id"
    ),
    "title": (
        "title videotitle posttitle notetitle headline subject "
        "标题 作品标题 视频标题 影片标题 贴文标题 笔记标题 文章标题"
    ),
    "text": "text caption content body description desc 正文 文案 内容 作品描述 视频描述 描述",
    "post_url": (
        "posturl videourl noteurl permalink articleurl postlink url link 作品链接 视频链接 笔记链接 文章链接 链接"
    ),
    "published_at": (
        "publishedat publishtime publishdate publisheddate published postedat posttime postdate createtime createdat "
        "created pubdate uploaddate uploadedat releasedate date time datetime timestamp "
        "发布时间 发布日期 发表时间 发表日期 投稿时间 上传时间 创建时间 时间 日期"
    ),
    "duration": "duration length videolength videoduration durationseconds 时长 视频时长 作品时长",
    "kind": "posttype mediatype contenttype itemtype kind type 作品类型 视频类型 笔记类型 体裁",
}

EDGE_ROLES = {
    "from": (
        "from fromid fromuser fromuid fromnode fromnodeid source sourceid src follower followerid followeruid "
        "user1 node1 id1 fan fanid 粉丝id 关注人 关注者 关注者id 来源"
    ),
    "to": (
        "to toid touser touid tonode tonodeid target targetid dst destination followee followeeid followeduid "
        "followed following followingid user2 node2 id2 被关注者 被关注者id 被关注人 关注对象 目标"
    ),
}

_POST_METRICS = ("likes", "comments", "shares", "views", "collects", "coins", "danmaku", "engagement_bp")
_OBSERVED = {"observed_at": TIME_ROLES["observed_at"]}
_ACCOUNTS = {**ACCOUNT_ROLES, **TIME_ROLES, **METRIC_ROLES}

ROLES: dict[str, dict[str, str]] = {
    "accounts": _ACCOUNTS,
    "snapshots": _ACCOUNTS,
    "posts": {
        **POST_ROLES,
        **{role: ACCOUNT_ROLES[role] for role in ("uid", "handle", "name")},
        **{role: METRIC_ROLES[role] for role in _POST_METRICS},
        **_OBSERVED,
    },
    "edges": {**EDGE_ROLES, **_OBSERVED},
    **CAMPAIGN_ROLES,
}
"""Kind of table to the roles its columns can play, each with the names such columns have."""
