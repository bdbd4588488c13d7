"""A file of HTML that asks for nothing: its head, with a policy that allows what is in it and nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path

from kolbench.programme.campaigns import colours

MARK = '<meta name="generator" content="KOLbench">'
"""By this a file is known as one of ours, which may be replaced."""

LIGHT, DARK = colours.Colour(0xFF, 0xFF, 0xFF), colours.Colour(0x16, 0x14, 0x13)
"""What is printed on in light and in dark; see the style sheets."""


def document(tag: str, title: str, style: str, body: str, script: str = "") -> str:
    """A whole file in the language ``tag``; ``title`` is text, ``body`` is markup."""
    scripts = f"\n<script>{script}</script>" if script else ""
    return f"""<!doctype html>
<html lang="{text(tag)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
{MARK}
<title>{text(title)}</title>
<style>{style}</style>
</head>
<body>
{body}{scripts}
</body>
</html>
"""


def text(value: object) -> str:
    """A text for the inside of an element or of an attribute."""
    return escape(str(value), quote=True)


def style(names: tuple[str, ...], colour: str) -> str:
    """Style sheets of this folder, one after the other, in a brand's colour made readable in light and in dark."""
    brand = colours.parse(colour)
    found = "".join(map(file, names))
    for place, paper in (("ACCENT_ON_LIGHT", LIGHT), ("ACCENT_ON_DARK", DARK)):
        found = found.replace(place, str(colours.readable(brand, paper)))
    return found


@cache
def file(name: str) -> str:
    """What a file of this folder holds."""
    return Path(__file__).with_name(name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"


def _hash(part: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
