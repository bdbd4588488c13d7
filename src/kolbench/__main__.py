"""Where the ``kolbench`` command begins."""

from kolbench.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
