"""The field's words as an operator reads them: platforms, tiers, metrics, parts of a score, states."""

from __future__ import annotations

from kolbench.domain.lang import N_, _
from kolbench.domain.outcomes import OUTCOMES
from kolbench.domain.words import CHANNELS, PLATFORMS, said

__all__ = ("CHANNELS", "OUTCOMES", "PLATFORMS", "formula", "said")

TIERS = {
    "mega": N_("mega"),
    "macro": N_("macro"),
    "mid": N_("mid"),
    "micro": N_("micro"),
    "nano": N_("nano"),
    "pico": N_("pico"),
    "unknown": N_("unknown"),
}

ORDERS = {
    "score": N_("score"),
    "followers": N_("followers"),
    "growth": N_("growth"),
    "engagement": N_("engagement"),
    "voice": N_("voice"),
    "active": N_("last active"),
    "name": N_("name"),
    "fit": N_("fit"),
    "fans": N_("fan quality"),
    "portability": N_("portability"),
    "potential": N_("potential"),
    "authority": N_("authority"),
    "authenticity": N_("authenticity"),
}

COMPONENTS = {
    "reach": N_("Reach"),
    "engagement": N_("Engagement"),
    "voice": N_("Voice"),
    "growth": N_("Growth"),
    "activity": N_("Activity"),
    "authority": N_("Authority"),
    "authenticity": N_("Authenticity"),
    "fans": N_("Fans"),
    "portability": N_("Portability"),
    "potential": N_("Potential"),
    "fit": N_("Fit"),
    "audience": N_("Audience"),
    "inside": N_("One of us"),
}

LABELS = {
    "kol": "KOL",
    "koc": "KOC",
    "both": N_("both"),
    "unknown": N_("unknown"),
}
"""What a person is by authority and authenticity."""

METRICS = {
    "followers": N_("followers"),
    "following": N_("following"),
    "posts": N_("posts"),
    "likes": N_("likes"),
    "comments": N_("comments"),
    "shares": N_("shares"),
    "views": N_("views"),
    "collects": N_("saves"),
    "likes_and_collects": N_("likes and saves in one"),
    "coins": N_("coins"),
    "danmaku": N_("bullet comments"),
    "avg_likes": N_("likes per post"),
    "engagement_bp": N_("engagement rate"),
    "influence": N_("influence"),
    "members": N_("members"),
    "followers_gained": N_("followers gained"),
    "rank": N_("rank there"),
}

MEMBERS = {
    "owner": N_("group owner"),
    "admin": N_("admin"),
    "moderator": N_("moderator"),
    "member": N_("member"),
}

DEFINITIONS = {
    "voices": N_("how many different people mentioned, answered or thanked them"),
    "koc": N_("people they addressed count 100, people who thanked them 200, half for each fortnight since"),
    "thanks": N_("how often others thanked them"),
    "messages": N_("how many messages they sent"),
    "reach": N_("followers of all their accounts, by the newest count"),
    "followers_gained": N_("followers at the end less followers at the beginning, over all accounts"),
    "interactions": N_("likes, comments and shares of the works they published"),
}

EXCLUDED = {
    "bots": N_("bots"),
    "staff": N_("staff"),
    "self": N_("oneself"),
}

SECTIONS = {
    "open": N_("all open"),
    "overdue": N_("overdue"),
    "today": N_("today"),
    "week": N_("next 7 days"),
    "later": N_("later"),
    "waiting": N_("awaiting reply"),
    "snoozed": N_("snoozed"),
    "closed": N_("closed"),
}

STATES = {
    "open": N_("open"),
    "done": N_("done"),
    "taken": N_("taken"),
    "resolved": N_("resolved"),
    "running": N_("running"),
    "paused": N_("paused"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
    "partly_failed": N_("partly failed"),
    "interrupted": N_("interrupted"),
}

ENROLMENTS = {
    "active": N_("going on"),
    "paused": N_("paused"),
    "finished": N_("no answer"),
    "replied": N_("answered"),
    "accepted": N_("said yes"),
    "declined": N_("said no"),
    "stopped": N_("stopped"),
}

LIKENESSES = {
    "cross_link": N_("they link to each other"),
    "link": N_("one links to the other"),
    "domain": N_("the handle is the other's own domain"),
    "email": N_("same email address"),
    "phone": N_("same telephone number"),
    "im": N_("same messenger account"),
    "site": N_("same website"),
    "avatar": N_("same picture"),
    "handle": N_("same handle"),
    "name": N_("same name"),
    "similar_name": N_("similar names"),
    "pinyin": N_("name in pinyin"),
    "other_region": N_("the regions differ"),
    "other_gender": N_("the genders differ"),
    "other_verified": N_("verified as something else"),
    "other_bot": N_("only one is a bot"),
}
"""What speaks for two profiles being of one person, and against it."""

TABLES = {
    "account": N_("account"),
    "account_snapshot": N_("count"),
    "activity": N_("contact"),
    "community": N_("community"),
    "creator": N_("person"),
    "follow": N_("follow"),
    "follow_edge": N_("follow"),
    "membership": N_("member"),
    "message": N_("message"),
    "post": N_("work"),
    "post_snapshot": N_("count"),
}
"""What a row of the store is called that a score was made from."""

KINDS = {
    "addressed": N_("was addressed by them"),
    "mention": N_("mentioned them"),
    "reply": N_("answered them"),
    "thank": N_("thanked them"),
    "like": N_("liked it"),
    "reaction": N_("reacted"),
    "repost": N_("passed it on"),
    "quote": N_("quoted it"),
    "comment": N_("commented"),
    "review": N_("reviewed it"),
    "star": N_("starred it"),
    "invite": N_("invited them"),
    "brownie": N_("gave them a point"),
    "clip": N_("cut a clip of it"),
    "message": N_("said"),
    "followers": N_("followers"),
    "post": N_("work"),
    "note": N_("work"),
    "video": N_("video"),
    "story": N_("story"),
}


def formula(text: str) -> str:
    """A scorer's formula in the interface's language; a plugin's as it is."""
    return _(text) if text else ""
