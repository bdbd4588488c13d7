"""A store that several operators of one machine use, each by their own account: the members of a Unix group."""

from __future__ import annotations

import grp
import os
import stat
from typing import TYPE_CHECKING

from kolbench.domain.errors import StoreError, UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GROUPS = 0o060
_COMPANIONS = ("-wal", "-shm", ".lock", ".rejects")


def file_mode(store: Path) -> int:
    """The mode of what is made beside a store: for its owner and, where it is shared, for its group."""
    return 0o600 | store.stat().st_mode & _GROUPS


def folder_mode(store: Path) -> int:
    """The mode of a folder beside a store; what is made in a shared one belongs to the group."""
    return 0o2770 if file_mode(store) & _GROUPS else 0o700


def shared_with(store: Path) -> str | None:
    """The group that may use a store; None where it is its owner's alone."""
    return _name(store.stat().st_gid) if file_mode(store) & _GROUPS else None


def works(store: Path) -> bool:
    """Whether a group that may use the store also gets at what each of its members makes beside it."""
    gid = store.stat().st_gid
    return _is_prepared(store.parent, gid) and all(
        one.stat().st_gid == gid and one.stat().st_mode & _GROUPS == _GROUPS for one in _files(store)
    )


def share(store: Path, group: str) -> str:
    """Let the members of a group, told by name or number, use the store; returns the group's name.

    Secrets and backups stay their owner's. Raises UsageError where there is no such group, one isn't in it, or the
    store's folder isn't the group's; StoreError, once all else is done, for what is somebody else's.
    """
    gid = _gid(group)
    name, folder = _name(gid), store.parent.absolute()
    if not _is_prepared(folder, gid):
        text = _(
            "{folder} has to be the group's, for each of its members to write in: run 'chgrp {group} {folder}' and"
            " 'chmod 2770 {folder}', in a folder that holds nothing else, and try again."
        )
        raise UsageError(text.format(folder=folder, group=name))
    for above in folder.parents:
        if not above.stat().st_mode & stat.S_IXOTH and above.stat().st_gid != gid:
            text = _("{folder} lets nobody through to the store. Move the store elsewhere, such as /srv/kolbench.")
            raise UsageError(text.format(folder=above))
    _set(store, gid, 0o660, 0o2770)
    return name


def keep_alone(store: Path) -> None:
    """Make the store its owner's alone again. Raises StoreError, once all else is done, for what is somebody else's."""
    _set(store, -1, 0o600, 0o700)


def _set(store: Path, gid: int, files: int, folders: int) -> None:
    left = []
    for path in list(_files(store)):
        try:
            os.chown(path, -1, gid)
            path.chmod(folders if path.is_dir() else files)
        except PermissionError:
            left.append(str(path))
    if left:
        text = _(
            "Left as they are, because they are somebody else's: {names}. They or an administrator can change them."
        )
        raise StoreError(text.format(names=", ".join(left)))


def _files(store: Path) -> Iterator[Path]:
    """The store, and what is beside it for everybody who uses it."""
    for path in (store, *(store.with_name(store.name + end) for end in _COMPANIONS)):
        if path == store or (path.exists() and not _leads_elsewhere(path)):
            yield path
            if path.is_dir():
                yield from (one for one in path.iterdir() if not _leads_elsewhere(one))


def _leads_elsewhere(path: Path) -> bool:
    """Whether a name beside the store, where others may write, is a link to what may not be the store's."""
    found = path.lstat()
    return stat.S_ISLNK(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1)


def _is_prepared(folder: Path, gid: int) -> bool:
    """Whether a group may write in a folder, and what is made there belongs to it."""
    found = folder.stat()
    return found.st_gid == gid and found.st_mode & 0o2070 == 0o2070


def _gid(group: str) -> int:
    try:
        found = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError as error:
        text = _("There is no group '{group}' on this machine. An administrator makes one: groupadd {group}")
        raise UsageError(text.format(group=group)) from error
    if os.geteuid() and found not in {os.getegid(), *os.getgroups()}:
        text = _("You are not in the group {group}. Groups take effect with the next login.")
        raise UsageError(text.format(group=group))
    return found


def _name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
