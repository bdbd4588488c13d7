"""One list of people from two networks, read as cron reads them, and two accounts of a person made one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atproto import Network
    from synapse import Homeserver
    from workbench import Workbench

BOTH = (3, 4)
"""Those who say on one network who they are on the other."""


def test_people_of_both_networks_are_in_one_list_and_proposed_as_one(
    workbench: Workbench, network: Network, homeserver: Homeserver
) -> None:
    for number in BOTH:
        network.describe(number, f"Tea and talk. Matrix: https://matrix.to/#/{homeserver.people[number].id}")
    workbench.env |= {
        "KOLBENCH_SKY_APP_PASSWORD": network.app_password(0, "two networks"),
        "KOLBENCH_TEA_TOKEN": homeserver.people[0].token,
    }
    told = {
        "server": network.pds,
        "identifier": network.people[0].handle,
        "appview": "",
        "accounts": network.names(0, 40),
        "reactions_to": 0,
    }
    workbench("source", "add", "sky", "bluesky", *(f"--set={name}={value}" for name, value in told.items() if value))
    workbench("source", "add", "tea", "matrix", f"--set=server={homeserver.url}")
    as_cron_does(workbench, "kolbench sync --max-minutes 25")
    platforms = {row["platform"] for row in workbench.json("candidates", "--limit", 500)}
    assert platforms == {"bluesky", "matrix"}
    pairs = {frozenset((one["creator_id"], one["other_id"])): one for one in suggested(workbench)}
    both = [
        frozenset((creator(workbench, network.people[n].did), creator(workbench, homeserver.people[n].id)))
        for n in BOTH
    ]
    assert set(both) <= pairs.keys(), "each is proposed as one person"
    pair = pairs[both[0]]
    assert "link" in {found["rule"] for found in pair["evidence"]}
    before = len(workbench.json("candidates", "--limit", 500))
    one, other = pair["creator_id"], pair["other_id"]
    workbench("creator", "merge", one, other)
    assert len(workbench.json("candidates", "--limit", 500)) == before - 1
    assert len(workbench.json("creator", "show", one)["accounts"]) == 2
    as_cron_does(workbench, "kolbench sync --max-minutes 25")
    assert len(workbench.json("creator", "show", one)["accounts"]) == 2, "a sync leaves them one"


def as_cron_does(workbench: Workbench, line: str) -> None:
    """Run a line of a crontab: by a plain shell, without a terminal, with an environment of a few names."""
    kept = {name: value for name, value in workbench.env.items() if name.startswith(("KOLBENCH_", "XDG_", "NO_PROXY"))}
    path = f"{sys.prefix}/bin:/usr/bin:/bin"
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={"PATH": path, "SHELL": "/bin/sh", "HOME": workbench.env["XDG_CONFIG_HOME"], **kept},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def suggested(workbench: Workbench) -> list[dict[str, Any]]:
    """The pairs that may be one person."""
    found: list[dict[str, Any]] = workbench.json("creator", "suggestions", "--limit", 500)
    return found


def creator(workbench: Workbench, uid: str) -> int:
    """Whose account it is."""
    return workbench.count("SELECT creator_id FROM account WHERE uid = ?", uid)
