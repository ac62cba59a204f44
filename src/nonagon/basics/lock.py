"""One process at a time: a file that is locked while somebody writes in a folder.

The lock itself belongs to the system and ends with the process, in whatever way that ends. So a lock file that a
killed process left behind holds nobody up: the file is there, the lock is not.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import FileIO
from pathlib import Path

from nonagon.basics.errors import InputError, Mistake

if sys.platform != "win32":
    import fcntl


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Holds `folder` by the lock file `name` in it, until the block ends; the file is removed then.

    folder: must exist; name: such as ".lock". Raises InputError at once where another process, or another thread
    of this one, holds it (the message names the lock file and its holder), and where it can't be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with held(Path(folder), ".lock"):
    ...         print([path.name for path in Path(folder).iterdir()])
    ...     print(list(Path(folder).iterdir()))
    ['.lock']
    []
    """
    path = folder / name
    with _locked(path) as lock:
        with suppress(OSError):  # on a full disk the lock holds all the same, it only names nobody
            lock.truncate(0)
            lock.write(f"process {os.getpid()}, since {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}\n".encode())
        try:
            yield
        finally:
            # Removed while it is still locked: whoever opened it meanwhile sees that it is gone, and opens anew.
            with suppress(OSError):
                path.unlink()


def _locked(path: Path) -> FileIO:
    """The lock file, opened and locked, and surely the one that stands at `path`."""
    while True:
        lock = _opened(path)
        try:
            _take(lock, path)
            if _stands_at(lock, path):
                return lock
        except BaseException:
            lock.close()
            raise
        lock.close()


def _opened(path: Path) -> FileIO:
    try:
        return path.open("a+b", buffering=0)
    except OSError as error:
        message = f"can't be written: {error.strerror}; make room, or give another --out"
        raise InputError([Mistake(path, None, "", message)]) from error


def _take(lock: FileIO, path: Path) -> None:
    if sys.platform == "win32":  # no such locks there; the files are still replaced in one step
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read(200).decode("utf-8", "replace").strip() or "it has just begun"
        message = (
            f"is in use by another run ({holder}), which holds the lock {path.name}; "
            "wait for it to end, or give this run another --out"
        )
        raise InputError([Mistake(path.parent, None, "", message)]) from error
    except OSError as error:  # some network folders have no locks
        message = f"can't be locked: {error.strerror}; give another --out, on a disk of this machine"
        raise InputError([Mistake(path, None, "", message)]) from error


def _stands_at(lock: FileIO, path: Path) -> bool:
    """Whether the open file is the one at `path`, and not one that its holder has removed since."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False
