"""Runs everything on this machine: own database, migrations, demo, web server and worker."""

import errno
import http.client
import os
import secrets
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand

from mapper.environment import is_given
from mapper.errors import CommandFailure
from mapper.operations.cluster import OWNER_ROLE, SERVING_ROLE, Cluster
from mapper.operations.private_file import write_private
from mapper.operations.processes import Child, StopSignal, forbid_core_dumps, stop_all, watch

HOST = "127.0.0.1"
WEB_PROCESSES = 2
WEB_THREADS = 4
WEB_PATIENCE_S = 5
_PORT_TIMEOUT_S = 15.0
_ANSWER_TIMEOUT_S = 60.0


class Command(BaseCommand):
    """One command from nothing to a running site."""

    help = "Run the database, the web server and the worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, watch, stop."""
        port = options["port"]
        os.umask(0o077)
        forbid_core_dumps()
        stop = StopSignal()
        own = not is_given("DATABASE_URL")
        cluster = Cluster(settings.DATA_ROOT) if own else None
        running = settings.DATA_ROOT / "running"
        settings.DATA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The file is only there when the last run was killed; its children may still be leaving.
        await_port(port, patience_s=_PORT_TIMEOUT_S if running.exists() else 0.0)
        children: list[Child] = []
        try:
            if cluster is not None:
                cluster.start()
            write_private(running, f"{os.getpid()}\n")
            environment = serving_environment(cluster, port)
            prepare_database(cluster, environment, stop)
            gather_static_files(environment, stop)
            if not stop:
                children += start_children(port, environment, cluster)
                announce(port, children, stop)
            if not watch(children, stop, keep_going=lambda: keep_alive(cluster)):
                raise CommandFailure("stopped, because a part of it would not run", returncode=3)
        finally:
            stop_all(children)
            if cluster is not None:
                cluster.stop()
            running.unlink(missing_ok=True)


def await_port(port: int, *, patience_s: float) -> None:
    """Refuse a port that can't be had."""
    if not 1 <= port <= 65535:
        raise CommandFailure(f"Port {port} is outside 1 to 65535.")
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
                return
        except OSError as error:
            if error.errno == errno.EACCES:
                raise CommandFailure(
                    f"Port {port} is for root alone; take one above 1023, as in PORT=8000."
                ) from error
            if time.monotonic() > deadline:
                raise CommandFailure(
                    f"Port {port} is taken by another program; choose another: "
                    f"make demo PORT={port + 1 if port < 65535 else 8000}"
                ) from error
        time.sleep(0.5)


def serving_environment(cluster: Cluster | None, port: int) -> dict[str, str]:
    """Return the children's environment, and note it for commands run beside them."""
    environment = dict(os.environ)
    key = settings.DATA_ROOT / "secret_key"
    if not is_given("SECRET_KEY") and not key.is_file():
        write_private(key, secrets.token_urlsafe(48) + "\n")
    environment.setdefault("SITE_URL", f"http://{HOST}:{port}")
    environment.setdefault("DEMO", "1" if settings.IS_DEMO else "0")
    if cluster is not None:
        environment["DATABASE_URL"] = cluster.url(SERVING_ROLE)
        names = ("DATABASE_URL", "SITE_URL", "DEMO")
        noted = "".join(f"{name}={environment[name]}\n" for name in names)
        write_private(settings.DATA_ROOT / "embedded.env", noted)
    return environment


def prepare_database(
    cluster: Cluster | None, environment: dict[str, str], stop: StopSignal
) -> None:
    """Migrate as the owner; fill an empty demo."""
    owner = dict(environment)
    if cluster is not None:
        owner["DATABASE_URL"] = cluster.url(OWNER_ROLE)
    elif settings.OWNER_DATABASE_URL:
        owner["DATABASE_URL"] = settings.OWNER_DATABASE_URL
    run_command("migrate", "--no-input", "--verbosity=0", environment=owner, stop=stop)
    if cluster is not None and settings.IS_DEMO and "load_demo" in get_commands():
        load_demo(cluster, environment, stop)


def gather_static_files(environment: dict[str, str], stop: StopSignal) -> None:
    """Bring the static files to where they are served from, if `make` has not done it.

    After another build of the front end pages name files that are not there yet.
    """
    built = (
        file.relative_to(folder)
        for folder in map(Path, settings.STATICFILES_DIRS)
        for file in folder.rglob("*")
        if file.is_file()
    )
    # Hidden files are nothing to serve.
    served = (file for file in built if not any(part.startswith(".") for part in file.parts))
    if not all((settings.STATIC_ROOT / file).is_file() for file in served):
        words = ("collectstatic", "--no-input", "--verbosity=0")
        run_command(*words, environment=environment, stop=stop)


def load_demo(cluster: Cluster, environment: dict[str, str], stop: StopSignal) -> None:
    """Load the demo into an empty database, again where the last time was cut short."""
    note = settings.DATA_ROOT / "demo"
    state = note.read_text(encoding="utf-8").strip() if note.is_file() else ""
    if state == "loaded" or (state != "loading" and not is_empty(cluster)):
        return
    write_private(note, "loading\n")
    if run_command("load_demo", environment=environment, stop=stop):
        write_private(note, "loaded\n")


def is_empty(cluster: Cluster) -> bool:
    """Return whether nobody has put a claim or a city in yet."""
    statement = (
        "SELECT NOT EXISTS (SELECT FROM sightings_claim) AND NOT EXISTS (SELECT FROM places_city)"
    )
    with closing(cluster.connect(SERVING_ROLE)) as connection:
        row = connection.execute(statement).fetchone()
    return bool(row and row[0])


def run_command(*words: str, environment: dict[str, str], stop: StopSignal) -> bool:
    """Run a management command to its end; return False where it was stopped on the way."""
    if stop:
        return False
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    child = Child(words[0], argv, environment)
    child.start()
    while not child.has_ended:
        if stop.wait(0.05):
            stop_all([child])
            return False
    if child.returncode:
        raise CommandFailure(f"`manage.py {words[0]}` failed; see above.", returncode=3)
    return True


def web_command(port: int) -> list[str]:
    """Return the command of the web server; deploy/systemd/contrechamp-web.service has the same."""
    granian = str(Path(sys.executable).parent / "granian")
    web = [granian, "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    web += ["--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS), "--no-ws"]
    # No access log: an address of a visitor is written nowhere.
    web += ["--no-access-log", "--log-level", "warning", "--respawn-failed-workers"]
    # A worker that still loads the site takes SIGTERM with its parent's handler, and so not at all:
    # granian would wait for it for ever.
    web += ["--workers-kill-timeout", str(WEB_PATIENCE_S)]
    return [*web, "--working-dir", str(settings.BASE_DIR), "mapper.wsgi:application"]


def start_children(port: int, environment: dict[str, str], cluster: Cluster | None) -> list[Child]:
    """Start the web server, and the worker, which alone may write tables anew."""
    manage_py = str(settings.BASE_DIR / "manage.py")
    owner = {} if cluster is None else {"OWNER_DATABASE_URL": cluster.url(OWNER_ROLE)}
    children = [
        Child("web server", web_command(port), environment),
        Child("worker", [sys.executable, manage_py, "worker"], environment | owner),
    ]
    for child in children:
        child.start()
    return children


def announce(port: int, children: list[Child], stop: StopSignal) -> None:
    """Say the address once it answers."""
    deadline = time.monotonic() + _ANSWER_TIMEOUT_S
    while not stop and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=10.0)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            if any(child.has_ended for child in children):
                return
            stop.wait(0.1)
        else:
            print(f"Contrechamp: http://{HOST}:{port}/ (Ctrl-C stops it)", flush=True)
            return
        finally:
            connection.close()


def keep_alive(cluster: Cluster | None) -> None:
    """Start the database again where it was killed."""
    if cluster is not None and not cluster.is_alive:
        print("contrechamp: the database ended; starting it again", file=sys.stderr)
        cluster.start()
