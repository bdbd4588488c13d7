"""How long ``kolbench --help`` takes beside ``python -c pass``, and what it imports.

Run: python bench/start.py [ROUNDS]
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

KOLBENCH = str(Path(sys.executable).with_name("kolbench"))
BARE = [sys.executable, "-c", "pass"]
HELP = [KOLBENCH, "--help"]
HEAVY = ("textual", "httpx", "sqlite_utils", "msgspec", "platformdirs", "sqlite3", "pluggy")
BAR = 2.5


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    pairs = [(seconds(BARE), seconds(HELP)) for _round in range(rounds)]
    bare, helped = (median(times) for times in zip(*pairs, strict=True))
    probe = "import sys; from kolbench.__main__ import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    probe += f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    imported = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stderr.strip()
    print(f"python -c pass    {bare * 1000:6.1f} ms")
    print(f"kolbench --help   {helped * 1000:6.1f} ms")
    print(f"ratio             {helped / bare:6.2f}    (bar: {BAR})")
    print(f"heavy imports     {imported}    (bar: none)")
    return 0 if helped / bare <= BAR and imported == "[]" else 1


if __name__ == "__main__":
    raise SystemExit(main())
