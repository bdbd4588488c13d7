"""What made-up people are called, and what they write about: some three thousand words of forty topics."""

from __future__ import annotations

import random

TOPICS = """
护肤 面膜 精华 防晒 卸妆 美白|skincare serum sunscreen toner spf
彩妆 口红 眼影 粉底 腮红 眉笔|makeup lipstick eyeshadow foundation blush
发型 染发 洗发 护发 假发 刘海|hair haircut shampoo curls braids
香水 香调 沙龙香 香薰 花香 木质香|perfume fragrance scent cologne incense
穿搭 连衣裙 牛仔裤 外套 衬衫 配色|outfit dress denim jacket styling
球鞋 跑鞋 篮球鞋 帆布鞋 鞋带 限量鞋|sneakers trainers kicks laces drops
珠宝 项链 戒指 耳环 黄金 珍珠|jewelry necklace ring earrings pearls
火锅 探店 烧烤 小吃 奶茶 夜市|hotpot streetfood barbecue bubbletea snacks
烘焙 面包 蛋糕 曲奇 烤箱 酵母|baking bread cake cookies sourdough
家常菜 食谱 炒菜 煲汤 便当 调料|cooking recipe soup bento seasoning
咖啡 拿铁 手冲 咖啡豆 意式 磨豆机|coffee latte espresso beans grinder
茶叶 普洱 龙井 茶具 乌龙 白茶|tea oolong teapot matcha puer
健身 撸铁 深蹲 增肌 私教 蛋白粉|fitness squat deadlift gym protein
跑步 马拉松 配速 晨跑 越野跑 心率|running marathon pace trail jogging
瑜伽 冥想 拉伸 普拉提 倒立 呼吸|yoga meditation pilates stretching mindfulness
减脂 低卡 轻食 控糖 代餐 体重|diet calories weightloss salad keto
母婴 奶粉 辅食 尿布 待产 婴儿车|baby formula diapers stroller motherhood
早教 绘本 积木 幼儿园 亲子 识字|parenting toddler kindergarten playtime toys
猫咪 猫粮 猫砂 布偶 橘猫 猫爬架|cats kitten litter ragdoll catfood
狗狗 柯基 遛狗 狗粮 金毛 训犬|dogs puppy corgi retriever leash
旅行 攻略 民宿 机票 自驾 古镇|travel itinerary hostel flights roadtrip
露营 帐篷 徒步 登山 野炊 睡袋|camping tent hiking trekking campfire
摄影 镜头 胶片 构图 人像 修图|photography lens portrait film lightroom
手机 安卓 快充 折叠屏 跑分 刷机|phone android charger foldable benchmark
电脑 显卡 主板 机箱 键盘 显示器|computer gpu motherboard keyboard monitor
编程 代码 算法 前端 数据库 开源|coding python frontend database opensource
人工智能 大模型 提示词 机器人 绘图 语音|ai llm prompt robotics diffusion
游戏 开黑 主机 独立游戏 通关 速通|gaming console indie speedrun walkthrough
电竞 战队 赛事 上分 英雄 排位|esports tournament ranked meta squad
动漫 手办 漫展 番剧 同人 声优|anime figures cosplay manga fanart
音乐 吉他 编曲 演唱会 乐队 钢琴|music guitar concert band piano
舞蹈 街舞 编舞 芭蕾 扒舞 爵士舞|dance hiphop choreography ballet jazz
电影 影评 导演 票房 剧本 纪录片|movies director cinema screenplay documentary
读书 书单 小说 书评 散文 阅读|books novel reading essay author
考研 自习 英语 刷题 笔记 复习|study exam vocabulary notes revision
职场 简历 面试 加班 跳槽 副业|career resume interview salary sidehustle
理财 基金 股票 定投 保险 记账|finance funds stocks budget insurance
家居 装修 收纳 软装 灯具 沙发|home decor storage lighting sofa
汽车 新能源 试驾 改装 油耗 车载|cars ev testdrive tuning mileage
手工 钩针 编织 手账 陶艺 拼豆|crafts crochet knitting journaling pottery
"""
ABOUT_ZH = ("", "测评", "教程", "推荐", "日常", "避雷", "好物", "新手")
ABOUT_EN = ("", " review", " tutorial", " haul", " tips", " vlog")
REMARKS = (
    "真的绝了", "求链接", "第一次试", "分享给大家", "有同款吗", "记录一下", "今天聊聊", "干货满满", "so good",
    "honest opinion", "day one", "you asked for it", "new favourite", "not sponsored", "let me know", "part two",
)  # fmt: skip
SKY, THING = "云月星雾雪雨风晴岚霜露虹", "饼糖鹿兔茶柚桃橙豆菇鲸猫舟灯铃笺"
CALLED = ("", "", "", "同学", "研究所", "的日常", "小筑", "手记", "不加班", "爱分享", "酱", "studio")
SYLLABLES = (
    "zor", "vem", "quil", "nax", "tivo", "brel", "yun", "osk", "lira", "fenn", "dopa", "wim", "sarr", "jule", "kett",
)  # fmt: skip
PHRASES = 1_000
"""Of which each topic's posts are put together, two and two."""


def phrases(chance: random.Random) -> list[list[str]]:
    """Some three thousand words of forty topics; each topic's first phrase is its name."""
    found = []
    for line in TOPICS.split("\n")[1:-1]:
        chinese, english = (part.split() for part in line.split("|"))
        words = [word + about for word in chinese for about in ABOUT_ZH]
        words += [word + about for word in english for about in ABOUT_EN]
        sayings = (" ".join((*chance.choices(words, k=chance.randint(1, 3)), chance.choice(REMARKS)))
                   for _ in range(PHRASES - 1))  # fmt: skip
        found.append([chinese[0], *sayings])
    return found


def handle(chance: random.Random, number: int) -> str:
    """A handle that nobody else has, if nobody else has the number."""
    return f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}_{number:x}"


def full_name(chance: random.Random) -> str:
    """A Chinese or a Latin name, which others may have, too."""
    draw = chance.random
    if draw() < 0.7:
        return (
            SKY[int(12 * draw())] + THING[int(16 * draw())] + THING[int(16 * draw())] * (draw() < 0.6)
            + CALLED[int(12 * draw())]
        )  # fmt: skip
    first, last = (SYLLABLES[int(15 * draw())] + SYLLABLES[int(15 * draw())] for _ in range(2))
    return f"{first.title()} {last.title()}"
