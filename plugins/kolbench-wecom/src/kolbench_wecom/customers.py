"""Customers, and the employees who look after them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kolbench import Page
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.paging import paged

from .entities import CaredFor, Contacts, customer_records, employee_record
from .walking import BEGIN, parts

if TYPE_CHECKING:
    from kolbench_wecom.api import Api


def customers(api: Api) -> Iterator[Page]:
    """Every customer of every employee."""
    for answer, place, behind in parts(api, api.contacts):
        _warn_of_failed(api, answer)
        found = list(each(api.pull, answer.external_contact_list or (), CaredFor))
        names = sorted({one.follow_info.userid for one in found if one.follow_info.userid})
        records = [employee_record(api.corpid, name) for name in names]
        people = [*records, *(record for one in found for record in customer_records(api.corpid, one))]
        yield from paged(people, cursors.written(place), cursors.written(behind))
    yield Page((), BEGIN)


def _warn_of_failed(api: Api, answer: Contacts) -> None:
    failed = (answer.fail_info and answer.fail_info.unlicensed_userid_list) or ()
    for name in failed:
        api.pull.warn(f"The customers of {name} are not shown: a licence is missing (互通许可).")
