"""Make everything that is generated: translations, the references of commands and keys, the pictures.

``python3 dev.py docs`` runs all steps, or the one that is named: ``messages``, ``commands``, ``keys``, ``platforms``,
``pictures``.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LOCALE = SOURCE / "kolbench" / "locale"
TEMPLATE = LOCALE / "kolbench.pot"
LANGUAGES = ("zh_CN",)
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}
"""The functions whose first arguments are texts, and how many of them."""


class Texts(Catalog):
    """A catalogue whose header says only what gettext needs, so that the file changes only with its texts."""

    def __init__(self, language: str | None = None) -> None:
        super().__init__(locale=language, header_comment="# The texts of KOLbench's interface.", fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The language, the encoding, and how its plurals are formed."""
        headers = [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8\n")]
        if self.locale is None:
            return headers
        return [("Language", str(self.locale_identifier)), ("Plural-Forms", self.plural_forms), *headers]

    def as_po(self) -> bytes:
        """The catalogue as a text file, in the order of its msgids, a text a line."""
        file = io.BytesIO()
        write_po(file, self, width=0, no_location=True, ignore_obsolete=True, sort_output=True)
        return file.getvalue()

    def as_mo(self) -> bytes:
        """The catalogue as gettext reads it."""
        file = io.BytesIO()
        write_mo(file, self)
        return file.getvalue()


def main(names: list[str]) -> int:
    for name in names or STEPS:
        STEPS[name]()
    return 0


def po_file(language: str) -> Path:
    """Where the translations into a language are kept."""
    return LOCALE / language / "LC_MESSAGES" / "kolbench.po"


def extracted() -> Texts:
    """All texts of the interface, from the sources."""
    found = Texts()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                arguments = node.args[: KEYWORDS[node.func.id]]
                texts = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                if texts:
                    found.add(texts[0] if len(texts) == 1 else texts)
    return found


def translated(language: str, template: Texts) -> Texts:
    """The texts of ``template`` with the translations that the language's file holds."""
    made = Texts(language)
    known = Catalog(locale=language)
    if (path := po_file(language)).exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    for message in template:
        if message.id:
            old = known.get(message.id)
            made.add(message.id, old.string if old and old.pluralizable == message.pluralizable else None)
    return made


def messages() -> None:
    """Collect the interface's texts and compile their translations; what lacks one is listed."""
    template = extracted()
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(template.as_po())
    for language in LANGUAGES:
        made = translated(language, template)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.as_po())
        path.with_suffix(".mo").write_bytes(made.as_mo())
        for message in made:
            if message.id and not any(message.string or ()):
                print(f"{path.relative_to(ROOT)}: not translated: {message.id!r}")


def commands() -> None:
    """The references of commands, hooks and settings, from the code itself."""
    pages = [str(ROOT / "docs" / name) for name in ("cli.md", "plugins.md")]
    subprocess.run([sys.executable, "-m", "kolbench.cli.reference", *pages], check=True)


def keys() -> None:
    """The page of keys, from the bindings."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "make_keys.py")], check=True)


def platforms() -> None:
    """The README's table of platforms, from their pages."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "make_platforms.py")], check=True)


def pictures() -> None:
    """A picture of each screen in each language, from the sample data."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "make_pictures.py")], check=True)


STEPS = {"messages": messages, "commands": commands, "keys": keys, "platforms": platforms, "pictures": pictures}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
