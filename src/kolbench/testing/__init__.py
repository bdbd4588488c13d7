"""The kit for authors of adapters: one class to derive from, and some forty tests come with it.

::

    from kolbench.testing import AdapterConformance


    class TestFanboard(AdapterConformance):
        adapter = Fanboard()
        settings = {"url": "https://fanboard.example.com", "token": "s3cret-token"}
        expected = {"profiles": 3, "posts": 7}

        def server(self, request):
            return {"items": [], "next": None}
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kolbench.testing.cassette import cassette
    from kolbench.testing.kit import AdapterConformance
    from kolbench.testing.server import Answer

__all__ = ["AdapterConformance", "Answer", "cassette"]

_HOMES = {"AdapterConformance": "kit", "Answer": "server", "cassette": "cassette"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'kolbench.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"kolbench.testing.{_HOMES[name]}"), name)
