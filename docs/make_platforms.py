"""Write the README's tables of platforms from the pages in ``docs/platforms``, each of which begins with its facts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
FACTS = ("adapter", "pulls", "credentials", "app review", "limits kept", "tested against", "not possible")
FILES_ONLY = "none: file import only"
"""The credentials of a platform whose files are read, and nothing else."""

_MARKED = re.compile(r"(<!-- platforms -->\n).*?(<!-- /platforms -->)", re.DOTALL)
_TITLE = re.compile(r"# (.+)")
_FACT = re.compile(r"\| (.+?) \| (.+) \|")


class Platform(NamedTuple):
    """A page and what its first table says."""

    page: str
    title: str
    facts: dict[str, str]


def main() -> int:
    text = README.read_text(encoding="utf-8")
    README.write_text(written(text), encoding="utf-8")
    return 0


def written(readme: str) -> str:
    """``readme`` with the tables in their place."""
    return _MARKED.sub(lambda found: f"{found[1]}{tables()}\n{found[2]}", readme)


def tables() -> str:
    """Platforms that are asked, platforms whose files are read, and what is kept to and not possible."""
    found = platforms()
    asked = [one for one in found if one.facts["credentials"] != FILES_ONLY]
    files = [one for one in found if one not in asked]
    return "\n".join(
        (
            table("platform", asked, ("adapter", "pulls", "credentials", "app review", "tested against")),
            "\nFrom files that you have or export:\n",
            table("files", files, ("adapter", "pulls", "tested against")),
            "\n<details>\n<summary>Rate limits kept, and what is not possible</summary>\n",
            table("platform", found, ("limits kept", "not possible")),
            "\n</details>",
        )
    )


def table(kind: str, rows: Sequence[Platform], names: Sequence[str]) -> str:
    """A row for each platform, with the facts of these names."""
    lines = [row((kind, *names)), row(["---"] * (len(names) + 1))]
    for one in rows:
        link = f"[{one.title}](docs/platforms/{one.page})"
        lines.append(row((link, *(one.facts[name] for name in names))))
    return "\n".join(lines)


def platforms() -> list[Platform]:
    """What every page says, in the order of their titles."""
    pages = [told(page) for page in (DOCS / "platforms").glob("*.md")]
    return sorted(pages, key=lambda one: one.title.casefold())


def told(page: Path) -> Platform:
    """A page's title and what its first table says. Raises ValueError naming the page and what it lacks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    title = _TITLE.fullmatch(lines[0]) if lines else None
    if title is None:
        raise ValueError(f"{page.name}: the first line is not a title")
    known = {found[1]: found[2].strip() for line in lines[:20] if (found := _FACT.fullmatch(line))}
    if missing := [name for name in FACTS if name not in known]:
        raise ValueError(f"{page.name}: its first table lacks {', '.join(missing)}")
    return Platform(page.name, title[1], known)


def row(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
