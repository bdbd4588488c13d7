"""The names and sentences of generated people, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True)
class Topic:
    """What somebody publishes about: the category, what they love in it, and what people ask about it."""

    category: str
    things: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Identity:
    """How a generated person presents themself."""

    name: str
    handle: str
    bio: str
    topic: Topic


TOPICS_ZH = (
    Topic("美妆护肤", ("早C晚A", "防晒", "油皮护肤", "平价眼影"), ("{}真实测评", "用了三个月的{}", "{}避雷清单")),
    Topic("穿搭", ("通勤穿搭", "小个子穿搭", "胶囊衣橱", "vintage"), ("一周{}不重样", "{}的五个公式", "百元{}合集")),
    Topic("美食", ("空气炸锅", "家常菜", "探店", "低卡甜品"), ("{}零失败教程", "周末{}打卡", "{}这样做才好吃")),
    Topic("母婴", ("辅食", "绘本", "睡眠引导", "遛娃"), ("八个月宝宝的{}", "新手妈妈的{}笔记", "{}踩过的坑")),
    Topic("数码", ("机械键盘", "降噪耳机", "手机摄影", "NAS"), ("{}上手一周", "学生党怎么选{}", "{}横评")),
    Topic("家居", ("收纳", "小户型改造", "香薰", "绿植"), ("出租屋{}", "{}好物盘点", "花小钱做{}")),
    Topic("旅行", ("自驾", "citywalk", "民宿", "徒步"), ("三天两夜{}攻略", "人少景美的{}", "{}花费全公开")),
    Topic("健身", ("跑步", "普拉提", "增肌餐", "居家训练"), ("{}打卡第100天", "零基础{}", "{}这些坑别踩")),
    Topic("宠物", ("布偶猫", "狗粮", "猫砂", "训犬"), ("养{}的第一年", "{}到底怎么选", "{}成分党看过来")),
    Topic("读书", ("悬疑小说", "非虚构", "手帐", "考研"), ("今年读过最好的{}", "{}书单", "用{}治好内耗")),
)
TOPICS_EN = (
    Topic("Beauty", ("sunscreen", "retinol", "drugstore makeup"), ("{} on a budget", "my honest {} review")),
    Topic("Food", ("sourdough", "meal prep", "street food"), ("{} in 20 minutes", "the {} I make every week")),
    Topic("Tech", ("mechanical keyboards", "home servers", "e-ink"), ("{}: one month later", "{} for beginners")),
    Topic("Fitness", ("running", "kettlebells", "yoga"), ("100 days of {}", "{} mistakes I made")),
    Topic("Travel", ("slow trains", "hiking", "van life"), ("{} for first timers", "what {} really costs")),
    Topic("Home", ("plants", "tiny flats", "thrifting"), ("{} I would buy again", "{} before and after")),
    Topic("Parenting", ("toddler meals", "bedtime", "picture books"), ("{} that works", "what nobody says about {}")),
)
REGIONS_ZH = ("上海", "北京", "广州", "深圳", "杭州", "成都", "重庆", "武汉", "西安", "南京", "长沙", "青岛", "厦门")
REGIONS_EN = ("London", "New York", "Toronto", "Singapore", "Sydney", "Berlin", "Dublin", "Austin", "Manila")

# Strings to split are easier to read and to extend than lists of forty quoted words.
# ruff: noqa: SIM905
_SURNAMES = tuple(
    pair.split(":")
    for pair in (
        "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 周:zhou 吴:wu 徐:xu 孙:sun 朱:zhu 马:ma 胡:hu"
        " 林:lin 郭:guo 何:he 高:gao 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 邓:deng 冯:feng"
        " 韩:han 曹:cao 曾:zeng 彭:peng 肖:xiao 蔡:cai 潘:pan 田:tian 董:dong 袁:yuan 单:shan 欧阳:ouyang 司徒:situ"
    ).split()
)
_GIVEN = tuple(
    pair.split(":")
    for pair in (
        "晓:xiao 雨:yu 思:si 佳:jia 子:zi 涵:han 欣:xin 怡:yi 梓:zi 萱:xuan 嘉:jia 宁:ning 一:yi 诺:nuo 可:ke 心:xin"
        " 浩:hao 然:ran 宇:yu 轩:xuan 明:ming 远:yuan 博:bo 文:wen 志:zhi 强:qiang 静:jing 雯:wen 琪:qi 瑶:yao 悦:yue"
        " 安:an 若:ruo 初:chu 夏:xia 星:xing 辰:chen 沐:mu 阳:yang 舒:shu 语:yu 桐:tong 晴:qing 岚:lan 珊:shan 珂:ke"
    ).split()
)
_FIRST = (
    "Ada Amir Anna Ben Carla Chloe Dan Elif Emma Finn Grace Hana Hugo Ines Isla Jack Jamal Julia Kai Lena Leo Lily"
    " Luca Maya Mia Nina Noah Nora Omar Owen Priya Rosa Ruby Sam Sofia Theo Tom Vera Yara Zoe"
).split()
_LAST = (
    "Adams Baker Bell Brooks Byrne Carter Clarke Cole Cruz Dale Diaz Evans Fox Gray Hall Hart Hayes Khan Kim Lane"
    " Lewis Lopez Marsh Mills Nolan Okafor Patel Quinn Reed Reyes Riley Rossi Shaw Silva Stone Tran Walsh Young"
).split()

QUESTIONS = {
    "zh": ("有人用过{}吗？", "请教一下，{}怎么选？", "{}新手求推荐", "大家觉得{}值得吗？", "{}总是失败怎么办？"),
    "en": ("Has anyone tried {}?", "How do you choose {}?", "New to {}: where do I start?", "Is {} worth it?"),
}
ANSWERS = {
    "zh": ("我用了半年，很稳", "先从便宜的试起", "看成分，别看广告", "可以的，我家一直这样做", "发你一份我整理的表格"),
    "en": ("I have used it for a year, it holds up", "start small", "here is the list I made", "works for me"),
}
THANKS = {
    "zh": ("谢谢 @{}，太有用了！", "学到了，多谢 @{}", "@{} 感谢🙏", "爱了 @{} 谢谢"),
    "en": ("thank you @{}!", "that helped a lot, thanks @{}", "@{} thanks 🙏"),
}
CHATTER = {
    "zh": ("早上好☀️", "今天打卡", "哈哈哈哈", "周末有人一起吗", "[图片]", "收到", "刚到货，晚点晒图", "晚安"),
    "en": ("good morning", "lol", "just arrived, pictures later", "anyone around this weekend?", "same here"),
}


def chinese(random: Random) -> Identity:
    """Somebody who writes Chinese."""
    topic = random.choice(TOPICS_ZH)
    thing = random.choice(topic.things)
    surname, surname_latin = random.choice(_SURNAMES)
    given, latin = (
        "".join(parts) for parts in zip(*(random.choice(_GIVEN) for _ in range(random.choice((1, 2, 2)))), strict=True)
    )
    nick = random.choice((surname + given, surname + given, "小" + given[0], "阿" + given[0], given * (3 - len(given))))
    name = random.choice(
        (
            nick,
            nick,
            f"{nick}爱{thing}",
            f"{nick}的{topic.category}日记",
            f"{random.choice(REGIONS_ZH)}{nick}",
            f"{thing}研究所",
            f"{nick} {random.choice(_FIRST)}",
            f"{nick}🌿",
        )
    )
    handle = random.choice((surname_latin + latin, latin + surname_latin, f"{latin}_{surname_latin}"))
    end = random.choice(("合作请私信", "只分享自用", "慢慢来", f"坐标{random.choice(REGIONS_ZH)}"))
    bio = f"{topic.category}｜{thing}｜{end}"
    return Identity(name, f"{handle}{random.randrange(10_000)}", bio, topic)


def english(random: Random) -> Identity:
    """Somebody who writes English."""
    topic = random.choice(TOPICS_EN)
    thing = random.choice(topic.things)
    first, last = random.choice(_FIRST), random.choice(_LAST)
    name = random.choice((f"{first} {last}", f"{first} {last}", f"{first} on {thing}", f"{last}'s {topic.category}"))
    handle = random.choice((f"{first}.{last}", f"{first}{last[0]}", f"{thing.split()[0]}.{first}")).lower()
    bio = f"{thing} and more · {random.choice(REGIONS_EN)}"
    return Identity(name, f"{handle}{random.randrange(10_000)}", bio, topic)


def buyer(random: Random) -> str:
    """The name of somebody who publishes nothing: three of four are Chinese."""
    if random.random() < 0.25:
        return f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    given = "".join(random.choice(_GIVEN)[0] for _ in range(random.choice((1, 2, 2))))
    return random.choice(_SURNAMES)[0] + given
