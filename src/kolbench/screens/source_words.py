"""Sources, their runs and what comes in, as an operator reads them."""

from __future__ import annotations

from kolbench.domain.lang import N_
from kolbench.screens.words import METRICS

FIELDS = {
    "uid": N_("account id"),
    "handle": N_("handle"),
    "name": N_("name"),
    "url": N_("link"),
    "bio": N_("bio"),
    "category": N_("category"),
    "region": N_("region"),
    "gender": N_("gender"),
    "verified": N_("verified as"),
    "avatar_url": N_("picture's link"),
    "created_at": N_("account made on"),
    "email": N_("email"),
    "phone": N_("phone"),
    "wechat": N_("WeChat"),
    "qq": "QQ",
    "contact": N_("contact"),
    "observed_at": N_("date of the counts"),
    "period": N_("period"),
    "post_uid": N_("work's id"),
    "title": N_("title"),
    "text": N_("text"),
    "post_url": N_("work's link"),
    "published_at": N_("published on"),
    "duration": N_("length"),
    "kind": N_("kind"),
    "from": N_("who follows"),
    "to": N_("who is followed"),
    "participant": N_("participant's id"),
    "account": N_("account id"),
    "code": N_("code"),
    "at": N_("time"),
    "shown": N_("how they are named"),
    "child": N_("id of who came"),
    "child_name": N_("name of who came"),
    "buyer": N_("buyer's id"),
    "order_id": N_("order's number"),
    "line": N_("line of the order"),
    "amount": N_("sum"),
    "currency": N_("currency"),
    "refund_id": N_("refund's number"),
    "device": N_("device"),
    "address": N_("address"),
    "payment": N_("means of payment"),
    "metric:likes_and_collects": METRICS["likes_and_collects"],
    **METRICS,
}

FEEDS = {
    "profiles": N_("profiles"),
    "followers": N_("followers"),
    "posts": N_("works"),
    "activities": N_("activities"),
    "members": N_("members"),
    "messages": N_("messages"),
    "conversions": N_("conversions"),
}

RUNS = {
    "sync": N_("sync"),
    "import": N_("import"),
    "demo": N_("sample"),
    "listen": N_("received"),
}

ROWS = {
    "accounts": N_("accounts"),
    "posts": N_("works"),
    "snapshots": N_("counts over time"),
    "edges": N_("who follows whom"),
    "participants": N_("participants"),
    "referrals": N_("who came by whom"),
    "clicks": N_("clicks"),
    "conversions": N_("conversions"),
    "refunds": N_("refunds"),
    "?": N_("unclear"),
}

FORMATS = {
    "delimited": N_("delimited text"),
    "jsonlines": "JSON Lines",
    "xlsx": "XLSX",
}
