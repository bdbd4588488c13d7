"""A real Chromium, driven by Playwright, and a web server that shows it a folder."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from servers import LOOPBACK, Running, Server, program, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "1.65.2"

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""Chromium asks nobody for anything by itself; root can't have its sandbox."""


def _install(home: Path) -> None:
    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", home / "packages", f"playwright=={VERSION}")


def _start(server: Running) -> None:
    folder = server.data / "www"
    folder.mkdir()
    options = ("--bind", LOOPBACK, "--directory", folder)
    server.spawn("www", sys.executable, "-m", "http.server", server.port("www"), *options)


def _ready(server: Running) -> bool:
    try:
        return httpx.get(server.url("www"), trust_env=False).is_success
    except httpx.TransportError:
        return False


SERVER = Server("chromium", f"playwright=={VERSION}", _install, _start, _ready)


class Browser:
    """Chromium, and the folder that is shown at ``url``."""

    def __init__(self, server: Running, driver: Any) -> None:
        self.folder = server.data / "www"
        self.url = server.url("www")
        self._driver = driver

    @contextmanager
    def page(self, address: str, width: int = 320, **options: Any) -> Iterator[Seen]:
        """A page of the folder on a screen so wide; whatever it asks for and complains of is kept."""
        context = self._driver.new_context(viewport={"width": width, "height": 800}, **options)
        try:
            seen = Seen(context.new_page())
            seen.page.goto(f"{self.url}/{address}")
            yield seen
        finally:
            context.close()


class Seen:
    """A page with what it asked for and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.failed: dict[str, str] = {}
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.failed.update({request.url: request.failure}))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@contextmanager
def chromium(server: Running) -> Iterator[Browser]:
    """A browser for the tests of a session."""
    sys.path.append(str(server.home / "packages"))
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as started:
        driver = started.chromium.launch(executable_path=program("chromium", "chromium"), args=FLAGS)
        try:
            yield Browser(server, driver)
        finally:
            driver.close()
