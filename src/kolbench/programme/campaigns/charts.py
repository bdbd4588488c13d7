"""Charts of a report: inline SVG that takes its colours from the page, and block characters for plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.programme.campaigns import typesetting
from kolbench.programme.campaigns.document import text

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 720, 240, 8, 22, 26
_BAR, _LABELS, _SIZE = 34, (190, 340), 14
_BLOCKS = "▁▂▃▄▅▆▇█"


def course(actual: Sequence[int], planned: Sequence[int], first: str, last: str, told: str, most: str) -> str:
    """Two sums as they grow from day to day: what was reached as a line, what was planned as a broken one.

    ``first`` and ``last`` name the days at the ends, ``most`` the highest value, ``told`` what is to be seen.
    """
    values = [*actual, *planned]
    top = max([*values, 1])
    days = max(len(actual), len(planned), 2)

    def points(series: Sequence[int]) -> str:
        wide, tall = _WIDTH - 2 * _LEFT, _HEIGHT - _TOP - _FOOT
        return " ".join(
            f"{_LEFT + wide * n / (days - 1):.1f},{_TOP + tall * (1 - value / top):.1f}"
            for n, value in enumerate(series)
        )

    floor = _HEIGHT - _FOOT
    parts = [
        f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - _LEFT}" y2="{floor}"/>',
        f'<line class="grid" x1="{_LEFT}" y1="{_TOP}" x2="{_WIDTH - _LEFT}" y2="{_TOP}"/>',
        f'<text x="{_LEFT}" y="{_TOP - 7}">{text(most)}</text>',
    ]
    if planned:
        parts.append(f'<polyline class="plan" points="{points(planned)}"/>')
    if actual:
        end = _LEFT + (_WIDTH - 2 * _LEFT) * (len(actual) - 1) / (days - 1)
        area = f"{points(actual)} {end:.1f},{floor} {_LEFT},{floor}"
        parts += [f'<polygon class="area" points="{area}"/>', f'<polyline class="line" points="{points(actual)}"/>']
    parts += [
        f'<text x="{_LEFT}" y="{_HEIGHT - 7}">{text(first)}</text>',
        f'<text x="{_WIDTH - _LEFT}" y="{_HEIGHT - 7}" text-anchor="end">{text(last)}</text>',
    ]
    return _svg(_HEIGHT, told, parts)


def bars(rows: Sequence[tuple[str, float, str]], told: str) -> str:
    """A bar for each row of (name, value, the value in words); ``told`` is what is to be seen."""
    top = max([value for _name, value, _words in rows] + [0]) or 1
    least, most = _LABELS
    label = min(most, max([least, *(int(_SIZE * typesetting.width(name)) + 24 for name, *_rest in rows)]))
    room = _WIDTH - label - 130
    parts = []
    for n, (name, value, words) in enumerate(rows):
        y = n * _BAR
        wide = max(0, room * value / top)
        shown = typesetting.shortened(name, (label - 12) / _SIZE)
        parts += [
            f'<text x="{label - 12}" y="{y + 22}" text-anchor="end">{text(shown)}</text>',
            f'<rect class="bar" x="{label}" y="{y + 6}" width="{wide:.1f}" height="{_BAR - 12}" rx="4"/>',
            f'<text x="{label + wide + 8:.1f}" y="{y + 22}">{text(words)}</text>',
        ]
    return _svg(len(rows) * _BAR + 4, told, parts)


def spark(values: Sequence[int]) -> str:
    """Values as a row of blocks, for where there are no pictures."""
    top = max([*values, 1])
    return "".join(_BLOCKS[min(7, max(0, value * 8 // (top + 1)))] for value in values)


def _svg(height: int, told: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{text(told)}">'
    return "\n".join([head, *parts, "</svg>"])
