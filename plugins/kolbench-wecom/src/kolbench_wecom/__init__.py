"""WeCom (企业微信) as KOLbench reads it: a company's customers, customer groups, and who looks after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kolbench import Denied, Finding, Page, Pull, RateLimit, Register, Setting, UsageError, hookimpl
from kolbench.domain import clock

from .api import Api
from .customers import customers
from .entities import Contacts, Groups
from .figures import MOST_DAYS, profiles
from .groups import groups
from .walking import employees


class WeCom:
    """Reads what WeCom shows an app of the company itself that may use 客户联系."""

    name = "wecom"
    title = "WeCom (企业微信): a company's customers and customer groups"
    platform = "wecom"
    feeds = ("profiles", "followers", "members")
    limits: RateLimit | None = RateLimit(requests=20, seconds=1)
    settings = (
        Setting("corpid", "of the company: 我的企业 > 企业信息", required=True, example="ww1234567890abcdef"),
        Setting("corpsecret", "of an app that may use 客户联系", required=True, secret=True),
        Setting("employees", "whose customers to read: user ids, or @ and a file; all, if empty", example="ann, ben"),
        Setting("days", f"days of figures that the first sync reads: {MOST_DAYS} at most, 0 for none", default="90"),
    )

    def __init__(self, now: Callable[[], int] = clock.now) -> None:
        self._now = now

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield employees with their figures of each day, customers with who looks after them, or customer groups."""
        api = Api(pull)
        if pull.feed == "profiles":
            return profiles(api, self._now() // clock.SECOND, days(pull))
        return customers(api) if pull.feed == "followers" else groups(api)

    def test(self, pull: Pull) -> Iterable[Finding]:
        """Say how many employees the app sees, and whether it sees their customers and groups."""
        api = Api(pull)
        try:
            found = employees(api)
        except Denied as error:
            yield Finding(False, str(error))
            return
        yield Finding(bool(found), f"The app sees {len(found)} employees who have customers in 客户联系.")
        if found:
            yield shown("customers", lambda: api.contacts(found[:1], "", 1))
            yield shown("customer groups", lambda: api.groups(found[:1], "", 1))


def shown(what: str, ask: Callable[[], Contacts | Groups]) -> Finding:
    """Whether the app is shown something."""
    try:
        ask()
    except Denied as error:
        return Finding(False, f"The app is not shown {what}: {error}")
    return Finding(True, f"The app is shown {what}.")


def days(pull: Pull) -> int:
    """The setting ``days``. Raises UsageError when it is no number of days."""
    told = pull.settings["days"].strip()
    if not (told.isascii() and told.isdigit() and len(told) < 4 and int(told) <= MOST_DAYS):
        raise UsageError(f"days={told}: a number from 0 to {MOST_DAYS} is needed.")
    return int(told)


@hookimpl
def kolbench_register_adapters(register: Register) -> None:
    """Offer the adapter."""
    register(WeCom())
