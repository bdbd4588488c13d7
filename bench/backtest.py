"""How well KOLbench's rankings foretell what happened to real people, against simple rankings.

    python bench/backtest.py koc --data ../shared/data/chat/gitter_rooms
    python bench/backtest.py kol --data ../shared/data/graph
    python bench/backtest.py alarm --data ../shared/data/timeseries
    python bench/backtest.py fit --data ../shared/data

The files are imported into a store by the commands an operator uses, and ranked by the functions the product
uses; ``--store FILE`` keeps that store, or takes it if it is there. docs/backtests.md explains the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from kolbench.cli.main import main as kolbench
from kolbench.store.connect import Store

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FOLDERS = {"koc": "chat/gitter_rooms", "kol": "graph", "alarm": "timeseries", "fit": "."}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=tuple(FOLDERS))
    parser.add_argument("--data", type=Path, help="folder of the real files")
    parser.add_argument("--store", type=Path, help="keep the imported files here; if it exists, it is used as it is")
    parser.add_argument("--seeds", type=int, default=500, help="how often chance is tried")
    args = parser.parse_args()
    data = args.data or DATA / FOLDERS[args.what]
    backtest = import_module(args.what)
    with imported(backtest.imports(data), args.store) as store:
        backtest.report(store, args.seeds)


@contextlib.contextmanager
def imported(commands: list[list[str]], path: Path | None) -> Iterator[Store]:
    """A store into which ``commands`` have imported; a temporary one unless ``path`` is given."""
    with tempfile.TemporaryDirectory() as folder:
        file = path or Path(folder) / "backtest.db"
        if not file.exists():
            for command in commands:
                said = io.StringIO()
                with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                    code = kolbench(["import", *command, "--yes", "--store", str(file)])
                if code not in (0, 1):  # 1: some rows were left out
                    sys.exit(said.getvalue())
        store = Store.open(file, create=False)
        yield store
        store.close()


if __name__ == "__main__":
    main()
