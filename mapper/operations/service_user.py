"""Which user of the machine runs PostgreSQL, and how a program is started as it.

PostgreSQL refuses root. A plain user runs its own cluster; root hands it to the `postgres` user,
without any capability.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mapper.errors import CommandFailure

_NO_PRIVILEGE = (
    "--init-groups",
    "--inh-caps=-all",
    "--ambient-caps=-all",
    "--bounding-set=-all",
    "--no-new-privs",
)
# Nothing of the caller's environment (PGDATA, PGPORT, a password) may reach the server.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def current_user_name() -> str:
    """Return the name of the user this process runs as."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise CommandFailure(
            f"User number {os.geteuid()} has no name on this machine, so PostgreSQL can't know "
            "it; run as a user listed in /etc/passwd, or set DATABASE_URL."
        ) from None


@dataclass(frozen=True)
class ServiceUser:
    """The user that owns a cluster's files and runs its server."""

    name: str
    uid: int
    is_other: bool

    @classmethod
    def of_folder(cls, data: Path) -> "ServiceUser":
        """Return who runs the cluster in `data`: its owner, or whoever may make a new one."""
        uid = os.geteuid()
        owner = data.stat().st_uid if data.exists() else None
        if uid != 0:
            if owner not in (None, uid):
                raise CommandFailure(
                    f"{data} belongs to user number {owner}, who must run this command; or "
                    "remove it with `make clean` as that user."
                )
            return cls(current_user_name(), uid, is_other=False)
        try:
            other = pwd.getpwuid(owner) if owner else pwd.getpwnam("postgres")
        except KeyError:
            raise CommandFailure(
                "PostgreSQL does not run as root, and there is no user `postgres` to run it: "
                "apt-get install postgresql-15-postgis-3"
            ) from None
        return cls(other.pw_name, other.pw_uid, is_other=True)

    def command(self, *argv: str | Path, death_signal: str = "") -> list[str]:
        """Return argv wrapped so that it runs as this user, and ends when this process does."""
        wrapped = ["setpriv"]
        if self.is_other:
            group = str(pwd.getpwuid(self.uid).pw_gid)
            wrapped += [f"--reuid={self.name}", f"--regid={group}", *_NO_PRIVILEGE]
        if death_signal:
            wrapped += ["--pdeathsig", death_signal]
        if len(wrapped) == 1:
            wrapped = []
        return [*wrapped, *(str(word) for word in argv)]

    def run(
        self, *argv: str | Path, words: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a short program as this user, with `words` on its standard input."""
        return subprocess.run(
            self.command(*argv),
            input=words,
            capture_output=True,
            text=True,
            cwd="/",
            env=_ENVIRONMENT,
            check=check,
        )

    def start(self, argv: Sequence[str | Path], *, log: Path) -> subprocess.Popen[bytes]:
        """Start a server as this user in a session of its own; it ends when this process does."""
        with log.open("ab") as stream:
            return subprocess.Popen(
                self.command(*argv, death_signal="INT"),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
            )

    def write(self, path: Path, text: str) -> None:
        """Write a 0600 file as this user, whole or not at all."""
        script = 'umask 077 && cat > "$1.new" && mv "$1.new" "$1"'
        self.run("sh", "-c", script, "sh", path, words=text)

    def make_folder(self, path: Path) -> None:
        """Make a 0700 folder of this user, or check that the one there is that."""
        self.run("mkdir", "-m", "700", path, check=False)
        try:
            status = path.lstat()
        except OSError as error:
            raise CommandFailure(
                f"{path} can't be made by user {self.name}: {error.strerror}"
            ) from error
        if not path.is_dir() or path.is_symlink() or status.st_uid != self.uid:
            raise CommandFailure(
                f"{path} is in the way: a folder of user {self.name} was wanted there. Remove it."
            )
        self.run("chmod", "700", path)
