"""Real servers for the tests: installed once into a cache folder, started on loopback, ended with the tests.

A server is described by a ``Server`` (see ``atproto.py``); ``running(server)`` gives it to a test:

    SERVER = Server("matrix", recipe="matrix-synapse==1.2.3", install=install, start=start, ready=ready)

    @pytest.fixture(scope="session")
    def matrix() -> Iterator[Running]:
        with running(SERVER) as server:
            yield server

It is installed again when its ``recipe`` changes. Its data and logs lie in a folder of each run's own; every port
is a free one of 127.0.0.1. The logs of a server that does not come up are shown with the failure.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LOOPBACK = "127.0.0.1"
_LOG_SHOWN = 3_000
_GRACE_S = 20


@dataclass(frozen=True)
class Server:
    """How one real server is installed and started.

    ``install`` fills the folder it is handed; ``recipe`` names what it puts there, with versions. ``start`` spawns
    the processes; ``ready`` says whether they answer, and is asked for ``patience_s`` seconds at most.
    """

    name: str
    recipe: str
    install: Callable[[Path], None]
    start: Callable[[Running], None]
    ready: Callable[[Running], bool]
    patience_s: float = 180


@dataclass
class Running:
    """A server while it runs: ``home`` is where it is installed, ``data`` is this run's own."""

    server: Server
    home: Path
    data: Path
    _ports: dict[str, int] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def port(self, name: str) -> int:
        """A free port, the same for the same name."""
        if name not in self._ports:
            self._ports[name] = free_port()
        return self._ports[name]

    def url(self, name: str) -> str:
        """The address of what listens on the port of that name."""
        return f"http://{LOOPBACK}:{self.port(name)}"

    def spawn(
        self,
        name: str,
        *command: object,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process that is ended with the server; what it says goes to ``data/NAME.log``."""
        with (self.data / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.data,
                env={**os.environ, **(env or {})},
                start_new_session=True,
                **_as(user),
            )
        self._processes.append(process)
        return process

    def wait(self, ready: Callable[[], bool], what: str, patience_s: float = 60) -> None:
        """Come back when ``ready`` says so. Raises RuntimeError, with the logs, when time is up or a process ended."""
        deadline = time.monotonic() + patience_s
        while not ready():
            ended = [process for process in self._processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                why = f"{ended[0].args!r} ended with {ended[0].returncode}" if ended else f"not in {patience_s:g} s"
                raise RuntimeError(f"{self.server.name}: {what}: {why}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self) -> str:
        """The end of what each process said."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-_LOG_SHOWN:]}" for path in self.data.glob("*.log")
        )

    def stop(self) -> None:
        """End the processes, the last one first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """The server, installed, started and answering; stopped and its data removed at the end."""
    home = installed(server)
    with tempfile.TemporaryDirectory(prefix=f"kolbench-e2e-{server.name}-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        data.chmod(0o755)  # a database server runs as a user of its own
        run = Running(server, home, data)
        try:
            server.start(run)
            run.wait(lambda: server.ready(run), "it does not answer", server.patience_s)
            yield run
        finally:
            run.stop()


def installed(server: Server) -> Path:
    """The folder in which the server is installed, after installing it where its recipe is new."""
    home = cache() / f"{server.name}-{hashlib.sha256(server.recipe.encode()).hexdigest()[:12]}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{server.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = home / ".installed"
        if not stamp.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            server.install(home)
            stamp.write_text(server.recipe)
    return home


def cache() -> Path:
    """Where servers are installed: ``KOLBENCH_E2E_CACHE``, else the user's cache folder."""
    if named := os.environ.get("KOLBENCH_E2E_CACHE"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kolbench-e2e"


def program(name: str, package: str, *folders: str) -> str:
    """The path of a program of a Debian package, which root installs where it is missing."""
    for _attempt in range(2):
        found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_existing(folders))))
        if found:
            return found
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            break
        run("apt-get", "install", "--yes", "--no-install-recommends", package)
    raise RuntimeError(f"'{name}' is not here. Install it; on Debian and Ubuntu: apt install {package}")


def run(
    *command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None, user: str | None = None
) -> str:
    """What a command that must succeed says. Raises RuntimeError with all it said."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        **_as(user),
    )
    if done.returncode:
        raise RuntimeError(f"{done.args} failed with {done.returncode}:\n{done.stdout[-_LOG_SHOWN:]}")
    return done.stdout


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _existing(patterns: tuple[str, ...]) -> list[str]:
    return [str(folder) for pattern in patterns for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)]


def _as(user: str | None) -> dict[str, Any]:
    """Popen's arguments for running as ``user``: database servers refuse to run as root."""
    return {"user": user, "group": user, "extra_groups": []} if user and os.geteuid() == 0 else {}
