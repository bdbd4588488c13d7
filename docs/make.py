"""Make everything that is generated: translations, the command reference, the pictures.

``python3 dev.py docs`` runs all steps; a name (``messages``, ``commands``, ``pictures``) runs one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "src" / "kolbench" / "locale"
TEMPLATE = LOCALE / "kolbench.pot"
LANGUAGES = ("zh_CN",)


def main(names: list[str]) -> int:
    for name in names or STEPS:
        STEPS[name]()
    return 0


def messages() -> None:
    """Collect the interface's texts and compile their translations; what lacks one is listed."""
    from babel.messages.frontend import CommandLineInterface
    from babel.messages.pofile import read_po

    babel = CommandLineInterface()
    common = ["--sort-by-file", "--no-location", "--omit-header"]
    babel.run(
        [
            "pybabel",
            "-q",
            "extract",
            "-k",
            "_",
            "-k",
            "N_",
            "-k",
            "ngettext:1,2",
            *common,
            "-o",
            str(TEMPLATE),
            str(ROOT / "src"),
        ]
    )
    for language in LANGUAGES:
        catalog = LOCALE / language / "LC_MESSAGES" / "kolbench.po"
        catalog.parent.mkdir(parents=True, exist_ok=True)
        command = "update" if catalog.exists() else "init"
        extra = ["--no-fuzzy-matching", "--ignore-obsolete", "--omit-header"] if command == "update" else []
        babel.run(
            ["pybabel", "-q", command, "-D", "kolbench", "-i", str(TEMPLATE), "-d", str(LOCALE), "-l", language, *extra]
        )
        babel.run(["pybabel", "-q", "compile", "-D", "kolbench", "-d", str(LOCALE), "-l", language])
        with catalog.open("rb") as file:
            missing = [message.id for message in read_po(file) if message.id and not message.string]
        for text in missing:
            print(f"{catalog.relative_to(ROOT)}: not translated: {text!r}")


def commands() -> None:
    """The references of commands, hooks and settings, from the code itself."""
    pages = [str(ROOT / "docs" / name) for name in ("cli.md", "plugins.md")]
    subprocess.run([sys.executable, "-m", "kolbench.cli.reference", *pages], check=True)


def pictures() -> None:
    """A picture of each screen in each language, from the sample data."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "make_pictures.py")], check=True)


STEPS = {"messages": messages, "commands": commands, "pictures": pictures}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
