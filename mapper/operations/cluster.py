"""The project's own PostGIS cluster: made, started, entered and stopped without touching another.

It answers on a Unix socket only and ends with the process that started it. docs/decisions/0001.
"""

import fcntl
import hashlib
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg

from mapper.errors import CommandFailure
from mapper.operations import cluster_settings
from mapper.operations.cluster_settings import DATABASE, OWNER_ROLE, SERVING_ROLE
from mapper.operations.private_file import write_private
from mapper.operations.service_user import ServiceUser, current_user_name

PORT = 5432  # Only names the socket file; each cluster has a folder of its own.
SOCKET_PATH_LIMIT_BYTES = 107
_SETTINGS_FILE = "contrechamp.conf"
_PROGRAMS = Path("/usr/lib/postgresql")
_OUTSIDE = Path("/var/lib/postgresql")
_START_TIMEOUT_S = 120.0  # Recovery after a crash replays at most max_wal_size.
_STALE_LOCK_S = 15.0
_STOP_TIMEOUT_S = 15.0


class Cluster:
    """One cluster of this checkout: the one that `up` serves, or the one of the tests."""

    def __init__(self, data_root: Path, *, name: str = "cluster", is_durable: bool = True):
        """Name the cluster; nothing is touched yet."""
        self.data_root = data_root
        self.name = name
        self.is_durable = is_durable
        self.log = data_root / "log" / f"{name}.log"
        self._pointer = data_root / f"{name}.folder"
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    # --- where it lies ---------------------------------------------------------------------------
    @property
    def digest(self) -> str:
        """Return what tells this checkout from another on the same machine."""
        text = f"{self.data_root}\0{self.name}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(text).hexdigest()[:12]

    @property
    def folder(self) -> Path:
        """Return the folder that holds it: in DATA_ROOT, or for root where `postgres` can reach."""
        if self._pointer.is_file():
            return Path(self._pointer.read_text(encoding="utf-8").strip())
        inside = self.data_root / self.name
        if os.geteuid() != 0 or inside.exists():
            return inside
        # A new name each time: a checkout made again at the same path never meets old data.
        outside = _OUTSIDE / f"contrechamp-{self.digest}-{secrets.token_hex(4)}"
        write_private(self._pointer, f"{outside}\n")
        return outside

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """Return the socket's folder, a short one in /tmp where the path would be too long."""
        here = self.folder / "socket"
        length = len(os.fsencode(here / f".s.PGSQL.{PORT}"))
        if length <= SOCKET_PATH_LIMIT_BYTES:
            return here
        return Path(f"/tmp/contrechamp-{self.digest}")  # noqa: S108 - made 0700, checked to be ours

    def url(self, role: str) -> str:
        """Return the DATABASE_URL of a role."""
        return f"postgis://{role}@{quote(str(self.socket), safe='')}:{PORT}/{DATABASE}"

    @property
    def programs(self) -> Path:
        """Return the folder of initdb and postgres, of the version that the data was made by."""
        made_by = self.data / "PG_VERSION"
        if made_by.is_file():
            version = made_by.read_text(encoding="ascii").strip()
        else:
            found = sorted(
                (path.parent.parent.name for path in _PROGRAMS.glob("*/bin/postgres")), key=_number
            )
            version = found[-1] if found else "15"
        programs = _PROGRAMS / version / "bin"
        if not (programs / "postgres").is_file():
            raise CommandFailure(
                f"PostgreSQL {version} is not installed ({programs} is missing): "
                f"apt-get install postgresql-{version}-postgis-3"
            )
        return programs

    # --- its life --------------------------------------------------------------------------------
    def start(self) -> None:
        """Make the cluster where there is none, start it, and wait until it answers."""
        self._take_lock()
        if self._server is not None:
            _wait(self._server, 5.0)  # Reaps one that was killed: its lock stands until then.
            if self.is_alive:
                return
        user = ServiceUser.of_folder(self.folder)
        user.make_folder(self.folder)
        if self._pointer.is_file():  # So that `doctor` can tell whose it was.
            user.write(self.folder / "checkout", f"{self.data_root}\n")
        if not self.data.is_dir():
            self._make(user)
        user.make_folder(self.socket)
        self._configure(user)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = time.monotonic() + _STALE_LOCK_S
        while not self._started(user):
            # The lock file of a server killed a moment ago stays until it is reaped. It is never
            # deleted by hand: that is how two servers come to write to one data directory.
            if time.monotonic() > deadline:
                raise CommandFailure(
                    f"PostgreSQL does not start; the end of {self.log} says: {self._last_words()}",
                    returncode=3,
                )
            time.sleep(0.5)

    @property
    def is_alive(self) -> bool:
        """Return whether the server that this process started still runs."""
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """Stop the server that this process started, and let go of the cluster."""
        if self._server is not None:
            # A fast shutdown; then an immediate one, from which the next start recovers.
            for how, wait_s in ((signal.SIGINT, _STOP_TIMEOUT_S), (signal.SIGQUIT, 5.0)):
                if self._server.poll() is None:
                    self._server.send_signal(how)
                    _wait(self._server, wait_s)
            self._server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def connect(self, role: str, database: str = DATABASE) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection as a role."""
        return psycopg.connect(
            host=str(self.socket), port=PORT, user=role, dbname=database, connect_timeout=5
        )

    # --- steps -----------------------------------------------------------------------------------
    def _take_lock(self) -> None:
        """Keep every other command of this checkout from starting the same cluster."""
        if self._lock is not None:
            return
        self.data_root.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.data_root / f"{self.name}.lock"
        try:
            lock = path.open("a+", encoding="ascii")
        except OSError as error:
            raise CommandFailure(f"{path} can't be written: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise CommandFailure(
                f"This checkout's database is already in use by process {holder}: use what runs, "
                "or stop it first."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _make(self, user: ServiceUser) -> None:
        """Make the cluster beside its place and move it in, so that none is ever half-made."""
        new = self.folder / "data.new"
        user.run("rm", "-rf", new)
        try:
            user.run(
                *(self.programs / "initdb", "-D", new, "-U", "postgres", "-E", "UTF8"),
                *("--locale=C.UTF-8", "-A", "peer", "--no-instructions"),
            )
        except subprocess.CalledProcessError as error:
            raise CommandFailure(f"initdb failed: {error.stderr.strip()}", returncode=3) from error
        said = user.run(
            *(self.programs / "postgres", "--single", "-D", new, "template1"),
            words=cluster_settings.FIRST_STATEMENTS,
            check=False,
        )
        faults = [line for line in said.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
        if said.returncode or faults:
            reason = faults[0] if faults else said.stderr.strip()
            raise CommandFailure(
                f"The new cluster refused its extensions and roles: {reason} "
                "(is postgresql-15-postgis-3 installed?)",
                returncode=3,
            )
        # initdb found out what this machine can do (shared memory, above all); our settings follow.
        script = 'printf "\\ninclude \'%s\'\\n" "$2" >> "$1"'
        user.run("sh", "-c", script, "sh", new / "postgresql.conf", _SETTINGS_FILE)
        user.run("mv", new, self.data)

    def _configure(self, user: ServiceUser) -> None:
        """Write the three configuration files."""
        settings = cluster_settings.configuration(is_durable=self.is_durable)
        user.write(self.data / _SETTINGS_FILE, settings)
        user.write(self.data / "pg_hba.conf", cluster_settings.ACCESS)
        identities = cluster_settings.identities([current_user_name()])
        user.write(self.data / "pg_ident.conf", identities)

    def _started(self, user: ServiceUser) -> bool:
        """Start the server once; return False where it gave up, as after a kill a moment ago."""
        where = ("-D", self.data, "-k", self.socket, "-p", str(PORT))
        self._server = user.start([self.programs / "postgres", *where], log=self.log)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._server.poll() is None and time.monotonic() < deadline:
            try:
                self.connect(SERVING_ROLE).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            _wait(self._server, 5.0)
            raise CommandFailure(
                f"PostgreSQL started but does not answer on {self.socket}; see {self.log}.",
                returncode=3,
            )
        return False

    def _last_words(self) -> str:
        """Return the last line of the server's log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "nothing")


def _number(version: str) -> float:
    """Return a version as a number to sort by."""
    try:
        return float(version)
    except ValueError:
        return 0.0


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for a process, and no longer than that."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


__all__ = ["OWNER_ROLE", "SERVING_ROLE", "Cluster"]
