"""The field's words as an operator reads them: platforms, tiers, metrics, parts of a score, states."""

from __future__ import annotations

from kolbench.domain.lang import N_, _

PLATFORMS = {
    "weibo": N_("Weibo"),
    "douyin": N_("Douyin"),
    "kuaishou": N_("Kuaishou"),
    "xiaohongshu": N_("Xiaohongshu"),
    "bilibili": N_("Bilibili"),
    "zhihu": N_("Zhihu"),
    "wechat": N_("WeChat"),
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "instagram": "Instagram",
    "twitch": "Twitch",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "github": "GitHub",
    "gitter": "Gitter",
    "discourse": "Discourse",
    "discord": "Discord",
    "telegram": "Telegram",
}

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
}

COMPONENTS = {
    "reach": N_("Reach"),
    "engagement": N_("Engagement"),
    "voice": N_("Voice"),
    "growth": N_("Growth"),
    "activity": N_("Activity"),
}

FORMULAS = {
    "log10(followers + 1) / 8": N_("log10(followers + 1) / 8"),
    "sqrt(rate / 10 %)": N_("sqrt(rate / 10 %)"),
    "ln(people + 1) / ln(201)": N_("ln(people + 1) / ln(201)"),
    "0.5 + 5 x growth in 30 days": N_("0.5 + 5 x growth in 30 days"),
    "ln(works a week + 1) / ln(51)": N_("ln(works a week + 1) / ln(51)"),
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
    "coins": N_("coins"),
    "danmaku": N_("bullet comments"),
    "avg_likes": N_("likes per post"),
    "engagement_bp": N_("engagement rate"),
    "influence": N_("influence"),
    "members": N_("members"),
    "followers_gained": N_("followers gained"),
    "rank": N_("rank there"),
}


def said(words: dict[str, str], key: str) -> str:
    """The word for ``key`` in the interface's language; the key itself where there is none."""
    word = words.get(key)
    return key if not word else _(word)
