"""Writes the files that commands are asked for: all of it, or the file that was there before."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mapper.errors import BadInput


@contextmanager
def whole_file(path: Path | None) -> Iterator[BinaryIO]:
    """Give a file that appears under its name when the block ends well; None: standard output.

    Raises BadInput where the folder is missing or closed to us.
    """
    if path is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Python would try once more at its end, and say so.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise BadInput("Standard output was closed before the end.") from None
        return
    try:
        if path.is_dir():
            raise BadInput(f"{path}: this is a folder; give the name of a file.")
        # Root would put a plain file in the place of /dev/null.
        if path.exists() and not path.is_file():
            raise BadInput(f"{path}: this is a device or a pipe; give the name of a file.")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise BadInput(f"{path}: can't be written ({error.strerror}).") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        # mkstemp makes files private; what a command is asked to write follows the umask.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
