"""The field's words as an operator reads them: platforms, tiers, metrics, parts of a score, states."""

from __future__ import annotations

from kolbench.domain.lang import N_
from kolbench.domain.outcomes import OUTCOMES
from kolbench.domain.words import CHANNELS, PLATFORMS, said

__all__ = ("CHANNELS", "OUTCOMES", "PLATFORMS", "said")

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
    "fans": N_("fans"),
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

"""What the purposes of a brief mean."""

LABELS = {
    "kol": "KOL",
    "koc": "KOC",
    "both": N_("both"),
    "unknown": N_("unknown"),
}
"""What a person is by authority and authenticity."""

"""Where a person stands in a brief."""

FORMULAS = {
    "log10(followers + 1) / 8": N_("log10(followers + 1) / 8"),
    "rate / (rate + 2.5 %), of views 5 %": N_("rate / (rate + 2.5 %), of views 5 %"),
    "ln(people + 1) / ln(201)": N_("ln(people + 1) / ln(201)"),
    "0.5 + 5 x growth in 30 days": N_("0.5 + 5 x growth in 30 days"),
    "ln(works a week + 1) / ln(51)": N_("ln(works a week + 1) / ln(51)"),
    "(log10(reach + 1) + log10(peers + 1) / 2) / 10": N_("(log10(reach + 1) + log10(peers + 1) / 2) / 10"),
    "ln(points / 100 + 1) / ln(101)": N_("ln(points / 100 + 1) / ln(101)"),
    "mean of: credible followers, returning / engaged / 50 %, sqrt(reactions / views / 10 %)": N_(
        "mean of: credible followers, returning / engaged / 50 %, sqrt(reactions / views / 10 %)"
    ),
    "0.75 x quality + 0.25 x activity": N_("0.75 x quality + 0.25 x activity"),
    "sqrt(seen elsewhere, too / engaged or newest followers)": N_(
        "sqrt(seen elsewhere, too / engaged or newest followers)"
    ),
    "sqrt(on topic / (texts + 5)), bio 3 times, category 5 times": N_(
        "sqrt(on topic / (texts + 5)), bio 3 times, category 5 times"
    ),
    "sqrt(ours / known audience)": N_("sqrt(ours / known audience)"),
    "1 for members of our communities": N_("1 for members of our communities"),
}

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
