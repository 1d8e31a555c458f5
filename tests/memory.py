"""How much memory a process and all that it started take, at the most."""

import os
import re
import threading
from pathlib import Path

_EVERY_S = 0.2
_PROPORTIONAL = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class Meter:
    """Looks five times a second while it is open; `peak_bytes` and `at_the_peak` are its result.

    Pages that processes share are counted once (Pss); where the kernel does not tell them, as of
    the sandbox's children for a plain user, all of a process's pages are. `folders` hold files
    that lie in memory too.
    """

    def __init__(self, pid: int, *folders: Path):
        self._pid = pid
        self._folders = folders
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_bytes = 0
        self.at_the_peak: dict[str, int] = {}

    def __enter__(self) -> "Meter":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            taken = self.now()
            if sum(taken.values()) > self.peak_bytes:
                self.peak_bytes, self.at_the_peak = sum(taken.values()), taken

    def now(self) -> dict[str, int]:
        """Return the bytes taken now, by the name of the program."""
        taken: dict[str, int] = {}
        for pid in family(self._pid):
            try:
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                taken[name] = taken.get(name, 0) + _memory_bytes(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue  # It has ended since.
        for folder in self._folders:
            held = sum(path.stat().st_size for path in _files(folder))
            taken["files in memory"] = taken.get("files in memory", 0) + held
        return taken


def family(pid: int) -> set[int]:
    """Return a process and all that it started, and theirs."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, wave = set(), {pid}
    while wave:
        found |= wave
        wave = {child for child, parent in parents.items() if parent in wave} - found
    return found


def _memory_bytes(pid: int) -> int:
    try:
        told = _PROPORTIONAL.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
        if told:
            return int(told.group(1)) * 1024
    except PermissionError:
        pass
    resident_pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return resident_pages * os.sysconf("SC_PAGE_SIZE")


def _files(folder: Path) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                found.append(path)
        except FileNotFoundError:
            continue
    return found
