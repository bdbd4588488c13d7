"""WeCom's calls: the app's token, and what an answer means, which comes as 200 even when it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from kolbench import Denied, Gone, RateLimited, SourceError, Transient
from kolbench.adapters.answers import decode
from kolbench.domain.text import clean_line

from .entities import Behaviour, Contacts, Followed, GroupDays, GroupDetail, Groups, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from kolbench import Pull

T = TypeVar("T")

HOST = "https://qyapi.weixin.qq.com/cgi-bin"

AT_ONCE = 100
"""The most employees in one question, and the most customers in one answer."""

GROUPS = 1_000
"""The most groups in one answer."""

_STALE = (40014, 42001)
_WRONG = {
    40001: "corpsecret is wrong: copy it from the app's page in the admin console",
    40013: "corpid is wrong: copy it from 我的企业 > 企业信息",
    40091: "corpsecret belongs to another company",
}
_RANGE = "an employee is outside the app's visible range (可见范围): widen it in the admin console"
_DENIED = {
    48002: "the app may not use 客户联系: add it there to 可调用接口的应用, in the admin console",
    48006: "the app's permission was withdrawn, for it was not used for long: an administrator can enable it again",
    50003: "the app is disabled: enable it in the admin console",
    60020: "this machine's address is not trusted: add it to the app's trusted IPs (企业可信IP)",
    84074: "an employee has no permission for external contacts",
    **dict.fromkeys((50002, 60011, 60021, 81013), _RANGE),
}
_GONE = {40050: "there is no such group", 49008: "the group was dissolved", 90501: "it is no customer group"}
_PASSING = (-1, 6000)
_TOO_OFTEN, _TOO_MANY_AT_ONCE = 45009, 45033
_PLACE_LOST = 50100
_NOBODY = 84061

BLOCKED_S = 60.0
"""For how long WeCom refuses an app that asks too often, if it was a minute's limit; an hour, if it was an hour's."""


class PlaceLost(SourceError):
    """WeCom doesn't know the place any more from which a list is to go on."""


class Nobody(SourceError):
    """None of the employees has a customer."""


class _Stale(SourceError):
    """The token has expired."""


class _Verdict(Struct):
    """What every answer says of itself."""

    errcode: int
    errmsg: str | None = None


class Api:
    """The calls of one app.

    They raise SourceError with status 401 for wrong credentials, Denied for what the app may not do, Gone for a group
    that is not there, PlaceLost and Nobody for lists, and what may pass.
    """

    def __init__(self, pull: Pull) -> None:
        assert pull.http
        self.pull, self._http, self._token = pull, pull.http, ""
        self.corpid = pull.settings["corpid"].strip()

    def followed(self) -> Followed:
        """The employees who use 客户联系, as far as the app sees them."""
        return self._ask("externalcontact/get_follow_user_list", Followed)

    def contacts(self, employees: Sequence[str], cursor: str, limit: int = AT_ONCE) -> Contacts:
        """A part of these employees' customers."""
        body = {"userid_list": list(employees), "cursor": cursor, "limit": limit}
        return self._ask("externalcontact/batch/get_by_user", Contacts, body)

    def groups(self, owners: Sequence[str], cursor: str, limit: int = GROUPS) -> Groups:
        """A part of the groups that these employees own."""
        body: dict[str, Any] = {"status_filter": 0, "owner_filter": {"userid_list": list(owners)}, "limit": limit}
        return self._ask("externalcontact/groupchat/list", Groups, {**body, "cursor": cursor} if cursor else body)

    def group(self, chat_id: str) -> GroupDetail:
        """A group and its members."""
        return self._ask("externalcontact/groupchat/get", GroupDetail, {"chat_id": chat_id, "need_name": 1})

    def behaviour(self, employee: str, start: int, end: int) -> Behaviour:
        """How an employee spoke to customers, day by day."""
        body = {"userid": [employee], "start_time": start, "end_time": end}
        return self._ask("externalcontact/get_user_behavior_data", Behaviour, body)

    def group_days(self, owner: str, start: int, end: int) -> GroupDays:
        """How the groups of an employee were, day by day."""
        body = {"day_begin_time": start, "day_end_time": end, "owner_filter": {"userid_list": [owner]}}
        return self._ask("externalcontact/groupchat/statistic_group_by_day", GroupDays, body)

    def _ask(self, path: str, shape: type[T], body: dict[str, Any] | None = None) -> T:
        """The answer, with a new token where the old one has expired: WeCom may end one before its time."""
        if not self._token:
            self._log_in()
        try:
            return self._once(path, shape, body)
        except _Stale:
            self._log_in()
        try:
            return self._once(path, shape, body)
        except _Stale as error:
            error.status = 401
            raise

    def _once(self, path: str, shape: type[T], body: dict[str, Any] | None) -> T:
        url, signed = f"{HOST}/{path}", {"access_token": self._token}
        if body is None:
            return _judged(self._http.get(url, params=signed), shape)
        return _judged(self._http.post(url, params=signed, json=body), shape)

    def _log_in(self) -> None:
        asked = {"corpid": self.corpid, "corpsecret": self.pull.settings["corpsecret"].strip()}
        self._token = _judged(self._http.get(f"{HOST}/gettoken", params=asked), Token).access_token
        self.pull.protect(self._token)


def _judged(response: httpx.Response, shape: type[T]) -> T:
    verdict = decode(response, _Verdict)
    if not verdict.errcode:
        return decode(response, shape)
    call = response.request.url.path.rpartition("cgi-bin/")[2]
    raise _failure(call, verdict.errcode, verdict.errmsg or "")


def _failure(call: str, code: int, said: str) -> SourceError:
    if code in _WRONG:
        wrong = SourceError(f"WeCom answers {code}: {_WRONG[code]}.")
        wrong.status = 401
        return wrong
    for codes, kind in ((_DENIED, Denied), (_GONE, Gone)):
        if code in codes:
            return kind(f"{call}: {codes[code]} ({code}).")
    said = clean_line(said.partition(", hint:")[0], 200)
    text = f"{call}: WeCom answers {code}" + (f" ({said})." if said else ".")
    if code in (_TOO_OFTEN, _TOO_MANY_AT_ONCE):
        return RateLimited(text, BLOCKED_S if code == _TOO_OFTEN else None)
    if code in _STALE:
        return _Stale(text)
    special = {_PLACE_LOST: PlaceLost, _NOBODY: Nobody, **dict.fromkeys(_PASSING, Transient)}
    return special.get(code, SourceError)(text)
