"""A sandbox with tasks of the test's own, in a copy of its programs."""

from pathlib import Path

import pytest

from mapper import sandbox

ROOT = Path(sandbox.__file__).resolve().parent.parent
LIMITS = {"wall_s": 5.0, "cpu_s": 2, "memory_bytes": 600_000_000}


class Tasks:
    """Makes tasks of pieces of code, and runs them by one nursery until it is ended."""

    def __init__(self, root):
        """Copy the programs into a root of their own."""
        self.root = root
        self._number = 0
        package = root / "mapper"
        package.mkdir(parents=True)
        for name in ("sandbox_nursery.py", "sandbox_child.py"):
            (package / name).write_bytes((ROOT / "mapper" / name).read_bytes())
        self.program = package / "sandbox_nursery.py"
        self.nursery = sandbox.Nursery(self.program)

    def make(self, code, before=""):
        """Write a module whose task is the code; return the task's name."""
        self._number += 1
        lines = "\n".join(f"    {line}" for line in code.strip().splitlines())
        text = f"import os, socket, time\n{before}\ndef task(data, **options):\n{lines}\n"
        (self.root / f"task{self._number}.py").write_text(text)
        return f"task{self._number}:task"

    def __call__(self, code, data=b"", *, options=None, **limits):
        """Make a task and run it."""
        return self.run(self.make(code), data, options=options, **limits)

    def run(self, task, data=b"", *, options=None, **limits):
        """Run a task that was made."""
        return sandbox.call(task, data, options=options, **(LIMITS | limits))

    def pids(self):
        """Return the process numbers of the nurseries that run, and of their children."""
        ours = str(self.root).encode()
        return {
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if ours in _read(path)
        }

    def end(self):
        """Close the nursery and wait until its process is over."""
        self.nursery.close()
        for process in self.nursery._processes:
            process.wait(timeout=5)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    made = Tasks(tmp_path / "root")
    monkeypatch.setattr(sandbox, "TASK_MODULES", {f"task{number}" for number in range(100)})
    monkeypatch.setattr(sandbox, "_nursery", made.nursery)
    yield made
    made.end()
