"""Write the README's platform table from the pages in ``docs/platforms``, each of which begins with its facts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
FACTS = ("adapter", "pulls", "credentials", "app review", "limits kept", "tested against", "not possible")
COLUMNS = ("credentials", "app review", "limits kept", "tested against", "not possible")
_MARKED = re.compile(r"(<!-- platforms -->\n).*?(\n<!-- /platforms -->)", re.DOTALL)
_TITLE = re.compile(r"# (.+)")
_FACT = re.compile(r"\| (.+?) \| (.+) \|")


def main() -> int:
    text = README.read_text(encoding="utf-8")
    README.write_text(written(text), encoding="utf-8")
    return 0


def written(readme: str) -> str:
    """``readme`` with the table in its place."""
    return _MARKED.sub(lambda found: found[1] + table() + found[2], readme)


def table() -> str:
    """The facts of every page, a row each, in the order of the pages' titles."""
    pages = [(page, *facts(page)) for page in sorted((DOCS / "platforms").glob("*.md"))]
    head = ("platform", "adapter", "pulls", *COLUMNS)
    lines = [row(head), row(["---"] * len(head))]
    for page, title, known in sorted(pages, key=lambda one: one[1].casefold()):
        link = f"[{title}](docs/platforms/{page.name})"
        lines.append(row((link, known["adapter"], known["pulls"], *(known[name] for name in COLUMNS))))
    return "\n".join(lines)


def facts(page: Path) -> tuple[str, dict[str, str]]:
    """A page's title and what its first table says. Raises ValueError naming the page and what it lacks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    title = _TITLE.fullmatch(lines[0]) if lines else None
    if title is None:
        raise ValueError(f"{page.name}: the first line is not a title")
    known = {found[1]: found[2].strip() for line in lines[:20] if (found := _FACT.fullmatch(line))}
    if missing := [name for name in FACTS if name not in known]:
        raise ValueError(f"{page.name}: its first table lacks {', '.join(missing)}")
    return title[1], known


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
