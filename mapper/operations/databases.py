"""Databases as a whole: reached as their owner, made, copied, exchanged, dropped."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from mapper.environment import is_given
from mapper.errors import CommandFailure
from mapper.operations.cluster import OWNER_ROLE, Cluster

MAINTENANCE = "postgres"
_PROGRAMS = Path("/usr/lib/postgresql")
Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Database:
    """Where a database is and who we are there."""

    host: str
    port: int
    user: str
    password: str
    name: str

    @classmethod
    def of_url(cls, url: str) -> "Database":
        """Read a DATABASE_URL."""
        parts = urlsplit(url)
        return cls(
            host=unquote(parts.netloc.rpartition("@")[2].partition(":")[0]),
            port=parts.port or 5432,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            name=unquote(parts.path.lstrip("/")),
        )

    @property
    def url(self) -> str:
        """Return the DATABASE_URL."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        host = quote(self.host, safe="")
        return f"postgis://{quote(self.user, safe='')}{secret}@{host}:{self.port}/{self.name}"

    def named(self, name: str) -> "Database":
        """Return another database of the same cluster."""
        return replace(self, name=name)

    def connect(self, *, autocommit: bool = False) -> Connection:
        """Open a connection."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or None,
            dbname=self.name,
            connect_timeout=5,
            autocommit=autocommit,
        )

    def program(self, name: str, *words: str) -> tuple[list[str], dict[str, str]]:
        """Return the command and environment of pg_dump or pg_restore for this database."""
        newest = sorted(_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
        command = [str(newest[-1]) if newest else name, *words]
        environment = dict(os.environ)
        environment.update(
            PGHOST=self.host, PGPORT=str(self.port), PGUSER=self.user, PGDATABASE=self.name
        )
        if self.password:
            environment["PGPASSWORD"] = self.password
        return command, environment


@contextmanager
def owned_database(*, alone: bool = False) -> Iterator[Database]:
    """Yield the instance's database as its owner, started for the purpose where it does not run.

    `alone` refuses where `manage.py up` serves from this checkout.
    """
    if is_given("DATABASE_URL"):
        yield Database.of_url(settings.OWNER_DATABASE_URL or os.environ["DATABASE_URL"])
        return
    cluster = Cluster(settings.DATA_ROOT)
    owned = Database.of_url(cluster.url(OWNER_ROLE))
    if not alone and _answers(owned):
        yield owned
        return
    try:
        cluster.start()
        yield owned
    finally:
        cluster.stop()


def _answers(database: Database) -> bool:
    """Return whether it can be reached."""
    try:
        database.connect().close()
    except psycopg.OperationalError:
        return False
    return True


def exists(database: Database) -> bool:
    """Return whether there is a database of that name."""
    with closing(database.named(MAINTENANCE).connect()) as connection:
        statement = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"
        row = connection.execute(statement, (database.name,)).fetchone()
    return bool(row and row[0])


def create(database: Database, *, template: str = "template1") -> None:
    """Make a database, empty but for the extensions of template1, or a copy of another."""
    if template != "template1":
        _close_to_others(database.named(template))
    try:
        _administer(
            database,
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database.name), sql.Identifier(template)
            ),
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandFailure(
            f"The role {database.user} may not make databases; as an administrator: "
            f"psql -d postgres -c 'ALTER ROLE {database.user} CREATEDB'",
            returncode=3,
        ) from error
    finally:
        if template != "template1":
            _open_to_others(database.named(template))


def drop(database: Database) -> None:
    """Drop a database, if it is there, with whoever is connected to it.

    Not by DROP DATABASE (FORCE): that may not end autovacuum, which is nobody's, and fails
    whenever it is at work there; the plain one sends it away by itself.
    """
    if not exists(database):
        return
    _close_to_others(database)
    try:
        _administer(database, sql.SQL("DROP DATABASE {}").format(sql.Identifier(database.name)))
    except psycopg.Error:
        _open_to_others(database)
        raise


def put_in_place(new: Database, name: str) -> None:
    """Give a database the name of another one, which is dropped."""
    old, aside = new.named(name), new.named(f"{name}_replaced")
    drop(aside)
    if exists(old):
        _close_to_others(old)
        try:
            _rename(old, aside.name)
        except psycopg.Error:
            _open_to_others(old)
            raise
    try:
        _rename(new, name)
    except psycopg.Error:
        if exists(aside):
            _rename(aside, name)
            _open_to_others(old)
        raise
    drop(aside)


def _rename(database: Database, name: str) -> None:
    """Rename a database that nobody is connected to."""
    _administer(
        database,
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(database.name), sql.Identifier(name)
        ),
    )


def _close_to_others(database: Database) -> None:
    """Let nobody in any more, and end the connections there are."""
    _allow(database, is_allowed=False)
    with closing(database.named(MAINTENANCE).connect(autocommit=True)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            (database.name,),
        )


def _open_to_others(database: Database) -> None:
    """Let connections in again."""
    _allow(database, is_allowed=True)


def _allow(database: Database, *, is_allowed: bool) -> None:
    _administer(
        database,
        sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}").format(
            sql.Identifier(database.name), sql.SQL("true" if is_allowed else "false")
        ),
    )


def _administer(database: Database, statement: sql.Composed) -> None:
    """Run a statement on databases from beside them."""
    with closing(database.named(MAINTENANCE).connect(autocommit=True)) as connection:
        connection.execute(statement)
