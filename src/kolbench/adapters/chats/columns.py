"""What the columns of chat archives are called, and which of them an archive has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line

ROLES = ("community_uid", "community", "sent_at", "user_id", "username", "name", "message_id", "text")
"""What a column can hold; ``username`` is what people type after @, ``name`` what they are called."""

Roles = tuple[str | None, ...]
"""The role of each column of a file, from the left; None for one that isn't needed."""

_NAMES = {
    "community_uid": "roomid groupid channelid chatid conversationid talkerid 群id 群号 群聊id 频道id 会话id",
    "community": (
        "room roomname roomuri group groupname channel channelname chat chatname conversation "
        "群 群名 群名称 群聊 群聊名称 频道 频道名称 会话 会话名称"
    ),
    "sent_at": (
        "time sentat timestamp datetime date createdat createtime sendtime strtime "
        "时间 发送时间 消息时间 发言时间 日期时间 日期"
    ),
    "user_id": (
        "userid fromuserid fromid senderid authorid memberid uid wxid qq "
        "用户id 发送者id 发送人id 发言人id 成员id 微信id 微信号 qq号"
    ),
    "username": "username fromusername handle login screenname user 用户名 账号 帐号",
    "name": (
        "name nickname fromnickname displayname sendername from sender author "
        "昵称 群昵称 姓名 发送者 发送人 发言人 成员"
    ),
    "message_id": "messageid msgid msgsvrid id 消息id 编号",
    "text": "text content message msg body strcontent 内容 消息 消息内容 正文 文本",
}
_ROLE_OF = {name: role for role, names in _NAMES.items() for name in names.split()}
_ZONE = re.compile(r"[(（]([A-Za-z_]+/[A-Za-z_/+-]+|UTC)[)）]")
_ASIDE = re.compile(r"[(（\[【].*|[\s_.-]+")


def role_of(cell: str) -> str | None:
    """The role that a column's name gives away; None when it is unknown."""
    return _ROLE_OF.get(_ASIDE.sub("", unicodedata.normalize("NFKC", cell).casefold()))


def zone_in(cell: str) -> str | None:
    """The time zone that a column's name states, as in ``time(Asia/Shanghai)``."""
    match = _ZONE.search(cell)
    return match[1] if match else None


def recognised(header: Sequence[str]) -> Roles | None:
    """The role of each column under ``header``, each role once; None when it is no header of a chat archive."""
    roles: list[str | None] = []
    for cell in header:
        role = role_of(cell)
        roles.append(role if role not in roles else None)
    return tuple(roles) if _is_enough(roles) else None


def stated(setting: str) -> Roles:
    """The roles that the operator lists, as in ``sent_at,user_id,-,text``; none when the setting is empty.

    Raises UsageError naming a role that there is not, comes twice, or is missing.
    """
    if not setting.strip():
        return ()
    roles = tuple(None if part.strip() in ("", "-") else part.strip() for part in setting.split(","))
    for role in filter(None, roles):
        if role not in ROLES or roles.count(role) > 1:
            raise UsageError(
                _("columns can't have {role}; each of {roles} can come once, and - for any other").format(
                    role=clean_line(role, 40), roles=", ".join(ROLES)
                )
            )
    if not _is_enough(roles):
        raise UsageError(_("columns needs sent_at, text, and one of user_id, username and name"))
    return roles


def _is_enough(roles: Sequence[str | None]) -> bool:
    """Whether these columns tell when, what and who."""
    return {"sent_at", "text"} <= set(roles) and not {"user_id", "username", "name"}.isdisjoint(roles)
