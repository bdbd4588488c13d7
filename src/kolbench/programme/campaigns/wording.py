"""What participants read on pages and posters, in the languages of the public and not the operator's own.

It is said in the words of this table, whatever language the interface has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Words(NamedTuple):
    """The texts of one language; braces name what is put in."""

    tag: str
    own_name: str
    leaderboard: str
    skip: str
    language: str
    updated: str
    period: str
    target: str
    of_target: str
    rank: str
    moved: str
    moved_since: str
    name: str
    up: str
    down: str
    same: str
    new: str
    hidden: str
    find: str
    found: str
    jump: str
    nobody: str
    first_only: str
    rules: str
    benefit: str
    names_shown: str
    shared: str
    earlier: str
    recommended: str
    invitation: str
    figures: Mapping[str, str]
    levels: tuple[str, str, str]
    capped: str
    capped_order: str
    held: str
    refunds: str
    window: str
    referee: str
    anybody: str


EN = Words(
    tag="en",
    own_name="English",
    leaderboard="Leaderboard",
    skip="Skip to the leaderboard",
    language="Language",
    updated="Updated {time}",
    period="From {start} to {stop}",
    target="Target",
    of_target="{actual} of {target} ({share})",
    rank="Rank",
    moved="Since yesterday",
    moved_since="Since {day}",
    name="Participant",
    up="up",
    down="down",
    same="same",
    new="new",
    hidden="not shown",
    find="Find a name or a rank",
    found="Found: {n}",
    jump="Go to rank",
    nobody="Nobody has a result yet.",
    first_only="The first {n} of {people}.",
    rules="Rules and benefits",
    benefit="What you get: {text}",
    names_shown="Names are shown as each person agreed: in full, shortened, or not at all.",
    shared="Equal results share a rank.",
    earlier="Of equal results, the one that was reached first stands first.",
    recommended="recommends it",
    invitation="Scan, or give this code when you order:",
    figures={
        "conversions": "Orders",
        "direct": "Orders",
        "revenue": "Sales",
        "participants": "Participants",
        "reached": "People reached",
    },
    levels=(
        "Orders with your code: {rate}.",
        "Orders with the codes of those whom you brought: {rate}.",
        "Orders {level} steps away from you: {rate}.",
    ),
    capped="A person earns {amount} at most.",
    capped_order="An order earns {amount} at most.",
    held="Earnings are paid after {n} days.",
    refunds="What is returned within {n} days earns nothing.",
    window="An order counts up to {n} days after the click on your link.",
    referee="Who orders with a code gets {amount}.",
    anybody="Anybody may take part; nobody has to buy anything for it.",
)

ZH = Words(
    tag="zh-Hans",
    own_name="中文",
    leaderboard="排行榜",
    skip="跳到排行榜",
    language="语言",
    updated="更新于 {time}",
    period="{start} 至 {stop}",
    target="目标",
    of_target="{actual} / {target}（{share}）",
    rank="名次",
    moved="较昨日",
    moved_since="较 {day}",
    name="参与者",
    up="上升",
    down="下降",
    same="持平",
    new="新上榜",
    hidden="未公开",
    find="查找名字或名次",
    found="找到 {n} 人",
    jump="跳到名次",
    nobody="还没有人有成绩。",
    first_only="仅显示前 {n} 名，共 {people} 人。",
    rules="规则与权益",
    benefit="你将获得：{text}",
    names_shown="名字按本人意愿显示：全名、部分遮盖或不公开。",
    shared="成绩相同者名次并列。",
    earlier="成绩相同者，先达到的排在前面。",
    recommended="诚意推荐",
    invitation="扫码，或下单时填写：",
    figures={
        "conversions": "成交数",
        "direct": "成交数",
        "revenue": "销售额",
        "participants": "参与人数",
        "reached": "触达人数",
    },
    levels=(
        "使用你的推荐码的订单：{rate}。",
        "由你带来的人的推荐码的订单：{rate}。",
        "距你 {level} 级的订单：{rate}。",
    ),
    capped="每人累计最多 {amount}。",
    capped_order="每笔订单最多 {amount}。",
    held="佣金在 {n} 天后发放。",
    refunds="{n} 天内退货的订单不计佣金。",
    window="点击链接后 {n} 天内的订单计入。",
    referee="使用推荐码下单的人获得 {amount}。",
    anybody="人人可以参加，无需先购买。",
)

WORDS: Mapping[str, Words] = {"zh": ZH, "en": EN}


def language(*texts: str) -> str:
    """The language of these texts, as one of ``WORDS``: ``zh`` where they have Chinese characters."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for text in texts for character in text) else "en"
