"""Styled text that fits its width to the cell: what headers, footers and sheets are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from kolbench.domain.lang import N_
from kolbench.widgets.cells import fit, steady, wrap

Span = tuple[str, str]
"""A piece of text and the name of its style, from ``INKS``."""
Line = Sequence[Span]

INKS = {
    "plain": ("", Style()),
    "muted": ("foreground-muted", Style()),
    "strong": ("", Style(bold=True)),
    "title": ("text-primary", Style(bold=True)),
    "key": ("text-accent", Style(bold=True)),
    "bar": ("text-accent", Style()),
    "good": ("text-success", Style()),
    "bad": ("text-error", Style()),
    "warn": ("text-warning", Style()),
    "tab": ("primary", Style(bold=True, reverse=True)),
    "chip": ("text-primary", Style(bold=True)),
    "paper": ("", Style(color="#000000", bgcolor="#ffffff")),
}
"""Name of a style to the theme's variable for its colour, and what it is besides: no meaning is in colour alone."""


MARGIN = 1
"""Cells between a sheet's lines and its scrollbar."""


def width_of(line: Line) -> int:
    """The cells a line takes."""
    return sum(cell_len(steady(text)) for text, _name in line)


def columns(*cells: tuple[str, int, str] | tuple[str, int, str, str]) -> list[Span]:
    """Cells side by side, a space between: ``(text, width, style)`` and, behind, ``right`` or ``center``."""
    spans: list[Span] = []
    for cell in cells:
        text, width, name = cell[:3]
        align = cell[3] if len(cell) == 4 else "left"
        spans += [(fit(text, width, align), name), (" ", "plain")]  # type: ignore[arg-type]
    return spans[:-1]


def paragraph(
    text: str, width: int, name: str = "plain", *, indent: int = 0, most: int | None = None
) -> Iterator[Line]:
    """A text in lines of at most ``width`` cells, all in one style; ``most`` cuts the rest off."""
    for line in wrap(text, max(1, width - indent))[:most]:
        yield [(" " * indent + line, name)]


NAME = 10
"""A name has at least so many cells before columns are left out."""


class Styled(Widget):
    """A widget that draws lines."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._inks: dict[str, Style] = {}

    def ink(self, name: str) -> Style:
        """A named style on this widget's own background, from the theme.

        Not by component classes: each would be matched against all style sheets for every widget that has it,
        which made up a sixth of the way to the first frame.
        """
        style = self._inks.get(name)
        if style is None:
            style = self._inks[name] = self._mixed(*INKS[name])
        return style

    def _mixed(self, variable: str, weight: Style) -> Style:
        base = self.rich_style
        if not variable:
            return base + weight
        color = Color.parse(self.app.theme_variables[variable])
        if base.bgcolor is not None and not base.bgcolor.is_default and not color.ansi:
            color = Color.from_rich_color(base.bgcolor) + color
        return base + weight + Style(color=color.rich_color, dim=True if color.ansi and color.a < 1 else None)

    def notify_style_update(self) -> None:
        """Theme, focus or colours changed: no style mixed before is right any more."""
        super().notify_style_update()
        self._inks.clear()

    def draw(self, line: Line, width: int, actions: Sequence[str] = ()) -> Strip:
        """``line`` as exactly ``width`` cells, cut with an ellipsis; a span's action runs when it is clicked."""
        segments: list[Segment] = []
        room = width
        for index, (text, name) in enumerate(line):
            text = steady(text)
            cells = cell_len(text)
            if cells > room:
                text, cells = fit(text, room), room
            style = self.ink(name)
            if index < len(actions) and actions[index]:
                style += Style(meta={"@click": actions[index]})
            segments.append(Segment(text, style))
            room -= cells
            if not room:
                break
        if room:
            segments.append(Segment(" " * room, self.ink("plain")))
        return Strip(segments, width)


class Bar(Styled):
    """One line across the screen; where both don't fit, the left is cut before a short right end."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._left: Line = ()
        self._right: Line = ()
        self._actions: Sequence[str] = ()

    def show(self, left: Line, right: Line = (), actions: Sequence[str] = ()) -> None:
        """Show other text; ``actions`` are those of the left spans, in order."""
        if (left, right) != (self._left, self._right):
            self._left, self._right, self._actions = left, right, actions
            self.refresh()

    def allow_focus(self) -> bool:
        """Only where there is more to read than is in sight: else keys would do nothing, and nobody see why."""
        return super().allow_focus() and self.max_scroll_y > 0

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "".join(text for text, _name in (*self._left, *self._right))

    def render_line(self, y: int) -> Strip:
        """The line itself."""
        width = self.size.width
        left, right = width_of(self._left), width_of(self._right)
        if not self._right or (left + 1 + right > width and right > width // 2):
            return self.draw(self._left, width, self._actions)
        room = width - right - 1
        strips = [self.draw(self._left, room, self._actions), self.draw([(" ", "plain"), *self._right], right + 1)]
        return Strip.join(strips)


class Sheet(Styled, ScrollView, can_focus=True):
    """Lines to read, scrolled by the usual keys, laid out anew for every width."""

    DEFAULT_CSS = """
    Sheet {
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
        padding: 0 0 0 1;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", N_("Down"), show=False),
        Binding("up,k", "scroll_up", N_("Up"), show=False),
        Binding("pagedown,ctrl+d", "page_down", N_("Page down"), show=False),
        Binding("pageup,ctrl+u", "page_up", N_("Page up"), show=False),
        Binding("home,g", "scroll_home", N_("To the top"), show=False),
        Binding("end,G", "scroll_end", N_("To the end"), show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._write: Callable[[int], Iterable[Line]] = lambda width: ()
        self._lines: list[Line] = []
        self._written_for = -1
        self._blank = Strip([], 0)
        self._blank_style = Style.null()

    def show(self, write: Callable[[int], Iterable[Line]], *, top: bool = True) -> None:
        """Show the lines that ``write`` gives for a width, from the top unless told to stay."""
        self._write = write
        self._lay_out()
        if top and self.scroll_offset.y:
            self.scroll_to(y=0, animate=False)
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(text for text, _name in line) for line in self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as lines, for a sheet that is as high as its content."""
        return max(1, sum(1 for _line in self._write(width - MARGIN)))

    def _lay_out(self) -> None:
        width = max(0, self.scrollable_content_region.width - MARGIN)
        self._written_for = width
        self._lines = list(self._write(width)) if width else []
        if self.virtual_size != (width, len(self._lines)):
            self.virtual_size = Size(width, len(self._lines))

    def on_resize(self) -> None:
        """Another width, other lines."""
        if self.scrollable_content_region.width - MARGIN != self._written_for:
            self._lay_out()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of those in sight."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if index >= len(self._lines):
            style = self.ink("plain")
            if self._blank.cell_length != width or self._blank_style is not style:
                self._blank, self._blank_style = Strip.blank(width, style), style
            return self._blank
        return self.draw(self._lines[index], width)


def table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], width: int, names: Sequence[int] = (1,)
) -> Iterator[Line]:
    """Rows under their titles; ``names`` share the room that is left, and the last columns go where there is none."""
    widths = [max(map(cell_len, (title, *(row[i] for row in rows)))) for i, title in enumerate(titles)]
    kept = len(titles)

    def left() -> int:
        """The cells for each name."""
        others = sum(cells for i, cells in enumerate(widths[:kept]) if i not in names)
        return (width - others - (kept - 1)) // len(names)

    while kept > max(names) + 2 and left() < NAME:
        kept -= 1
    for name in names:
        widths[name] = max(1, min(widths[name], left()))

    def row_of(cells: Sequence[str], styles: Callable[[int], str]) -> list[Span]:
        return columns(
            *((text, widths[i], styles(i), "left" if i in names else "right") for i, text in enumerate(cells[:kept]))
        )

    yield row_of(titles, lambda i: "muted")
    for row in rows:
        yield row_of(row, lambda i: "strong" if i in names else "plain")
