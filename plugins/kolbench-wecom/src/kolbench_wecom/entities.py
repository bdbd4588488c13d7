"""What WeCom answers, by the fields that are read, and the records it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from kolbench import AccountRecord, CommunityRecord, Contact, FollowRecord, MembershipRecord, Record
from kolbench.adapters.servers import at_second

EMPLOYEE = 1
"""The type of a member who works for the company; others are outside it."""

_GENDERS = {1: "male", 2: "female"}


class Token(Struct):
    """What an app asks with, for two hours."""

    access_token: str


class Followed(Struct):
    """The employees who use 客户联系."""

    follow_user: list[str] | None


class Customer(Struct):
    """A customer as anybody in the company sees them."""

    external_userid: str
    name: str | None = None
    position: str | None = None
    avatar: str | None = None
    corp_name: str | None = None
    corp_full_name: str | None = None
    gender: int | None = None
    unionid: str | None = None


class Care(Struct):
    """What an employee has noted of a customer."""

    userid: str | None = None
    createtime: int | None = None
    remark_mobiles: list[str] | None = None


class CaredFor(Struct):
    """A customer of an employee."""

    external_contact: Customer
    follow_info: Care


class Failed(Struct):
    """Employees that a call could not look at."""

    unlicensed_userid_list: list[str] | None = None


class Contacts(Struct):
    """A part of some employees' customers."""

    external_contact_list: list[Raw] | None
    next_cursor: str | None = None
    fail_info: Failed | None = None


class Named(Struct):
    """A group by its id."""

    chat_id: str


class Groups(Struct):
    """A part of the groups of some employees."""

    group_chat_list: list[Raw] | None
    next_cursor: str | None = None


class Member(Struct):
    """Somebody in a group."""

    userid: str
    type: int
    join_time: int | None = None
    name: str | None = None
    unionid: str | None = None


class Admin(Struct):
    """An employee who may manage a group."""

    userid: str


class Group(Struct):
    """A customer group."""

    chat_id: str
    member_list: list[Raw]
    name: str | None = None
    owner: str | None = None
    admin_list: list[Admin] | None = None


class GroupDetail(Struct):
    """The answer that holds a group."""

    group_chat: Group


class BehaviourDay(Struct):
    """How an employee spoke to customers on a day: it begins at ``stat_time``, seconds since 1970."""

    stat_time: int
    chats: int | None = field(default=None, name="chat_cnt")
    messages_sent: int | None = field(default=None, name="message_cnt")
    reply_percentage: Annotated[float, Meta(ge=0, le=100)] | None = None
    reply_minutes: int | None = field(default=None, name="avg_reply_time")
    followers_lost: int | None = field(default=None, name="negative_feedback_cnt")
    requests_sent: int | None = field(default=None, name="new_apply_cnt")
    followers_gained: int | None = field(default=None, name="new_contact_cnt")


class Behaviour(Struct):
    """An employee's days."""

    behavior_data: list[Raw] | None


class GroupCounts(Struct):
    """Counts over all groups of an employee."""

    groups: int | None = field(default=None, name="chat_total")
    groups_gained: int | None = field(default=None, name="new_chat_cnt")
    groups_active: int | None = field(default=None, name="chat_has_msg")
    group_members: int | None = field(default=None, name="member_total")
    group_members_gained: int | None = field(default=None, name="new_member_cnt")
    group_members_active: int | None = field(default=None, name="member_has_msg")
    group_messages: int | None = field(default=None, name="msg_total")


class GroupDay(Struct):
    """How an employee's groups were on a day."""

    stat_time: int
    data: GroupCounts


class GroupDays(Struct):
    """The days of an employee's groups."""

    items: list[Raw] | None


def employee_uid(corpid: str, userid: str) -> str:
    """An employee's id over all companies: within one, upper and lower case are the same."""
    return f"{userid}@{corpid}".casefold()


def employee_record(corpid: str, userid: str, name: str | None = None) -> AccountRecord:
    """An employee."""
    uid = employee_uid(corpid, userid)
    return AccountRecord(uid=uid, handle=uid, name=name or None, is_staff=True)


def customer_records(corpid: str, found: CaredFor) -> Iterator[Record]:
    """A customer, and that they and an employee are in touch, since when and now."""
    customer, care = found.external_contact, found.follow_info
    phones = tuple(Contact("phone", phone) for phone in care.remark_mobiles or () if phone)
    work = (customer.position, customer.corp_full_name or customer.corp_name)
    yield AccountRecord(
        uid=customer.external_userid,
        name=customer.name or None,
        bio=" · ".join(filter(None, work)) or None,
        avatar_url=customer.avatar or None,
        gender=_GENDERS.get(customer.gender or 0),
        contacts=phones + _union(customer.unionid),
    )
    if care.userid:
        employee = employee_uid(corpid, care.userid)
        for at in (at_second(care.createtime), None):
            yield FollowRecord(follower_uid=customer.external_userid, account_uid=employee, mutual=True, observed_at=at)


def group_records(corpid: str, group: Group, members: list[Member]) -> Iterator[Record]:
    """A group, and who is in it."""
    yield CommunityRecord(uid=group.chat_id, name=group.name or None, kind="group")
    admins = {admin.userid.casefold() for admin in group.admin_list or ()}
    owner = (group.owner or "").casefold()
    for member in members:
        role, uid = None, member.userid
        if member.type == EMPLOYEE:
            key, uid = member.userid.casefold(), employee_uid(corpid, member.userid)
            role = "owner" if key == owner else "admin" if key in admins else None
            yield employee_record(corpid, member.userid, member.name)
        else:
            yield AccountRecord(uid=uid, name=member.name or None, contacts=_union(member.unionid))
        yield MembershipRecord(
            community_uid=group.chat_id, account_uid=uid, role=role, joined_at=at_second(member.join_time)
        )


def _union(unionid: str | None) -> tuple[Contact, ...]:
    """What a person is called in all of the company's services on WeChat: the same for one person."""
    return (Contact("wechat_unionid", unionid),) if unionid else ()
