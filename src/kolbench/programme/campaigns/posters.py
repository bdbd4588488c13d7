"""A participant's poster: an SVG in the brand's colour, whose texts fit whatever they are, and the PNG of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, clean_text
from kolbench.programme.campaigns import colours, qr, typesetting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.programme.campaigns.typesetting import Block

WIDTH, HEIGHT = 1080, 1440
MARGIN = 72
ROOM = WIDTH - 2 * MARGIN
BAND = 620
"""Pixels from above that are in the brand's colour."""

QR_SIZE = 300
_FONTS = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
_MONO = "'DejaVu Sans Mono',Menlo,Consolas,monospace"
_LEADING = 1.35
_INK = "#1d1b1a"
_SOFT = "#5f5955"


class Poster(NamedTuple):
    """What a poster says. Texts that are empty leave no gap; ``link`` is what the QR code opens.

    ``invitation`` stands above the code, ``recommended`` beside the endorser's name, ``small`` at the foot.
    """

    headline: str
    endorser: str
    audience: str
    outline: str
    benefit: str
    code: str
    link: str
    colour: str
    recommended: str
    invitation: str
    small: str = ""


_DRAWN = tuple(name for name in Poster._fields if name not in ("link", "colour"))


def svg(poster: Poster) -> str:
    """The poster as an SVG of 1080 by 1440 pixels, which asks for nothing from outside and needs no script.

    Raises UsageError for a colour that is none and a link too long for a QR code.
    """
    brand = colours.parse(poster.colour)
    # A paler ink on the band than its best one would lose the contrast that the best one has.
    ink = str(colours.ink(brand))
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="{BAND}" fill="{brand}"/>',
    ]
    headline = _block(poster.headline, ROOM, 330, (104, 92, 80, 70, 60, 52, 44))
    parts += _text(headline, MARGIN, 96, ink, bold=True)
    parts += _endorser(poster, brand, ink)
    parts += _body(poster, brand)
    parts += _foot(poster)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="{_FONTS}">\n<title>{_safe(clean_line(poster.headline))}</title>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def png(poster: Poster) -> bytes:
    """The poster as a PNG, with the fonts of this machine; emoji of several parts are drawn as their first.

    Raises UsageError where what draws it is missing, or fails.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise UsageError(_("PNG posters need one more package. Run: pip install 'kolbench[png]'")) from error
    # Beside letters, its fonts can't draw emoji that several characters make up together.
    plainer = poster._replace(**{name: typesetting.plainer(getattr(poster, name)) for name in _DRAWN})
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=svg(plainer)))
    except BaseException as error:  # a panic of its own is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            text = _("The poster of {name} can't be drawn as PNG with the fonts here: take the SVG.")
            raise UsageError(text.format(name=clean_line(poster.endorser, 80))) from error
        raise


def _endorser(poster: Poster, brand: colours.Colour, ink: str) -> list[str]:
    """Who recommends it: a disc with the name's first letter, and the name."""
    name = clean_line(poster.endorser)
    if not name:
        return []
    first = next(typesetting.clusters(name))
    radius, y = 56, BAND - 116
    x = MARGIN + radius
    shown = _block(name, ROOM - 2 * radius - 40, 64, (48, 42, 36, 32))
    left = MARGIN + 2 * radius + 32
    return [
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{ink}"/>',
        f'<text x="{x}" y="{y + 20}" font-size="56" text-anchor="middle" font-weight="700"'
        f' fill="{colours.readable(brand, colours.parse(ink))}">{_safe(first)}</text>',
        *_text(shown, left, y - 62, ink, bold=True),
        *_text(_block(poster.recommended, ROOM - 2 * radius - 40, 44, (30, 26)), left, y + 8, ink),
    ]


def _body(poster: Poster, brand: colours.Colour) -> list[str]:
    """For whom it is, what it is, and what one gets."""
    accent = str(colours.readable(brand, colours.WHITE))
    tint = colours.mix(brand, colours.WHITE, 0.9)
    y: float = BAND + 40
    parts: list[str] = []
    for text, height, sizes, colour, bold in (
        (poster.audience, 56, (38, 34, 30, 26), accent, True),
        (poster.outline, 150, (36, 32, 28, 25), _INK, False),
    ):
        if block := _block(text, ROOM, height, sizes):
            parts += _text(block, MARGIN, y, colour, bold=bold)
            y += _height(block) + 20
    if block := _block(poster.benefit, ROOM - 64, 130, (44, 38, 34, 30, 26)):
        tall = _height(block) + 48
        parts.append(f'<rect x="{MARGIN}" y="{y:g}" width="{ROOM}" height="{tall:g}" rx="20" fill="{tint}"/>')
        parts += _text(block, MARGIN + 32, y + 24, str(colours.readable(brand, tint)), bold=True)
    return parts


def _foot(poster: Poster) -> list[str]:
    """The QR code, and the code beside it for those who can't scan it."""
    data, size = qr.path(poster.link)
    quiet = QR_SIZE / (size + 2 * qr.QUIET) * qr.QUIET
    top = HEIGHT - QR_SIZE - 84
    scale = (QR_SIZE - 2 * quiet) / size
    left = MARGIN + QR_SIZE + 40
    room = WIDTH - MARGIN - left
    code = _block(poster.code, room, 100, (84, 72, 60, 48, 40, 32, 26))
    invitation = _block(poster.invitation, room, 96, (36, 32, 28))
    return [
        f'<rect x="{MARGIN}" y="{top}" width="{QR_SIZE}" height="{QR_SIZE}" rx="16" fill="#fff" stroke="#d8d2cd"'
        ' stroke-width="2"/>',
        f'<path transform="translate({MARGIN + quiet:.2f} {top + quiet:.2f}) scale({scale:.4f})" d="{data}"'
        ' shape-rendering="crispEdges"/>',
        *_text(invitation, left, top + 40, _SOFT),
        *_text(code, left, top + 150, _INK, bold=True, fonts=_MONO),
        *_text(_block(poster.small, ROOM, 36, (24, 20)), MARGIN, HEIGHT - 62, _SOFT),
    ]


def _block(text: str, room: float, height: float, sizes: Sequence[int]) -> Block | None:
    """The text set into a box; None where there is nothing to say."""
    text = clean_text(text, 600).strip()
    return typesetting.fit(text, room, height, sizes, _LEADING) if text else None


def _height(block: Block) -> float:
    return len(block.lines) * block.size * _LEADING


def _text(block: Block | None, x: float, y: float, colour: str, *, bold: bool = False, fonts: str = "") -> list[str]:
    """A block of lines whose box begins at ``y``."""
    if block is None:
        return []
    weight = ' font-weight="700"' if bold else ""
    family = f' font-family="{fonts}"' if fonts else ""
    return [
        f'<text x="{x:g}" y="{y + block.size * (_LEADING * place + 1):.1f}" font-size="{block.size}"'
        f' fill="{colour}"{weight}{family}>{_safe(line)}</text>'
        for place, line in enumerate(block.lines)
    ]


def _safe(text: str) -> str:
    """Text that is clean already, for the inside of an element."""
    return escape(text)
