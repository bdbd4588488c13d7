"""Files beside a store, whose folder others may write in: opened so that no link that is planted there is followed."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OWN = 0o600


def made(path: Path, mode: int, folder: Path) -> int:
    """A new file of this mode in the place of whatever has its name, to write to; ``folder`` is the store's.

    Raises OSError, also where a folder between the two is a link.
    """
    follow = 0 if path.parent == folder else os.O_NOFOLLOW
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | follow)
    try:
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=parent)
        new = os.open(path.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _OWN, dir_fd=parent)
    finally:
        os.close(parent)
    os.fchmod(new, mode)  # the umask would keep a shared store's group out
    return new


def kept(path: Path, mode: int) -> int:
    """The file of this name, to read and write, of this mode where it is ours; made if it isn't there.

    Raises OSError, also where the name is a link, or one of several of a file.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _OWN)
    found = os.fstat(handle)
    if found.st_nlink > 1:
        os.close(handle)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if found.st_uid == os.geteuid():
        os.fchmod(handle, mode)
    return handle
