"""What a new adapter begins as: a package that reads an imagined platform, and passes the kit's tests."""

from __future__ import annotations

import re
from pathlib import Path

from kolbench import __version__

HERE = Path(__file__).parent
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 40


def files(name: str) -> dict[str, str]:
    """The files of the package ``kolbench-NAME``: path to content. ``name`` has to match ``NAME``."""
    module = "kolbench_" + name.replace("-", "_")
    return {
        "pyproject.toml": filled("pyproject", name),
        "README.md": filled("readme", name),
        f"src/{module}/__init__.py": filled("adapter", name),
        f"src/{module}/py.typed": "",
        f"tests/test_{name.replace('-', '_')}.py": filled("tests", name),
    }


def filled(part: str, name: str) -> str:
    """One file of the template (``adapter``, ``tests``, ``pyproject``, ``readme``) for the adapter ``name``."""
    words = name.split("-")
    plain = "_".join(words)
    class_name = "".join(map(str.capitalize, words))
    values = {
        "name": name,
        "module": f"kolbench_{plain}",
        "platform": plain,
        "variable": plain.upper(),
        "class": class_name if class_name[0].isalpha() else f"Adapter{class_name}",
        "title": " ".join(map(str.capitalize, words)),
        "version": __version__,
    }
    text = (HERE / f"{part}.txt").read_text("utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)
