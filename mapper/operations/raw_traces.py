"""What PostgreSQL keeps for itself of rows that were changed or deleted, and how it goes.

A page holds the old text of a row until something else is written there, VACUUM or not; the
order of rows on disk and the number of the transaction that wrote each tell which came first;
the planner's statistics hold whole notes. So at night each table that walkers write to is written
anew, in the order of its random ids, by one transaction, and its statistics after it. The log of
writes is not ours to cut: the server's settings drop it within the hour (docs/operating.md).
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db import connection as served
from psycopg import sql

from mapper.errors import CommandFailure
from mapper.operations.databases import Connection, Database, owned_database

# Nothing of a walker has ever been in these. Every other table is written anew, so that a new
# one is until somebody says here that it need not be.
NEVER_HELD_A_WALK = frozenset(
    {
        "accounts_secondfactor",
        "accounts_user",
        "accounts_user_groups",
        "accounts_user_user_permissions",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_admin_log",
        "django_content_type",
        "django_migrations",
        "documents_citation",
        "documents_document",
        "documents_document_cities",
        "documents_page",
        "dossiers_dossier",
        "dossiers_link",
        "dossiers_snapshot",
        "dossiers_statement",
        "dossiers_statement_citations",
        "operations_heartbeat",
        "osm_element",
        "osm_following",
        "osm_heldchange",
        "osm_osmflag",
        "osm_overpassserver",
        "osm_pull",
        "places_city",
        "places_excludedarea",
        "places_school",
        "procrastinate_workers",
        "sightings_event",
        "spatial_ref_sys",
    }
)
# Visitors wait behind us for no longer; the next night tries again.
_LOCK_PATIENCE_MS = 5_000
_QUIET_PATIENCE_S = 60.0


def wipe() -> list[str]:
    """Write anew what held walks; return the tables. Each is locked for as long as that takes."""
    with owned_database() as database:
        here = database.named(str(served.settings_dict["NAME"]))
        with _connected(here) as connection:
            _check_owner(connection)
            tables = list(_tables(connection))
            for table, key, _index, _is_random in tables:
                _stamp(connection, table, key)
            _await_quiet(connection)
            for table, _key, index, is_random in tables:
                _rewrite(connection, table, index if is_random else None)
            # Old rows of the statistics hold what they were made of.
            _await_quiet(connection)
            connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    return [table for table, *_ in tables]


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    """Yield a connection without a transaction that gives up rather than keep others waiting."""
    with closing(database.connect(autocommit=True)) as connection:
        connection.execute(f"SET lock_timeout = {_LOCK_PATIENCE_MS}")
        connection.execute("SET statement_timeout = 0")
        yield connection


def _check_owner(connection: Connection) -> None:
    """Refuse to try as somebody who may not."""
    row = connection.execute(
        "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if not row or not row[0]:
        raise CommandFailure(
            "Only the database's owner may write tables anew: set OWNER_DATABASE_URL.", returncode=3
        )


def _tables(connection: Connection) -> Iterator[tuple[str, str, str, bool]]:
    """Yield each table with its key, the key's index, and whether that key is a random one."""
    rows = connection.execute(
        "SELECT relation.relname, attribute.attname, own.relname,"
        " attribute.atttypid = 'uuid'::regtype"
        " FROM pg_index AS key JOIN pg_class AS relation ON relation.oid = key.indrelid"
        " JOIN pg_class AS own ON own.oid = key.indexrelid"
        " JOIN pg_attribute AS attribute"
        "  ON attribute.attrelid = relation.oid AND attribute.attnum = key.indkey[0]"
        " WHERE key.indisprimary AND relation.relnamespace = 'public'::regnamespace"
        " AND relation.relkind = 'r' ORDER BY 1"
    ).fetchall()
    for table, key, index, is_random in rows:
        if str(table) not in NEVER_HELD_A_WALK:
            yield str(table), str(key), str(index), bool(is_random)


def _stamp(connection: Connection, table: str, key: str) -> None:
    """Let all rows be of one transaction. The lock comes first: nobody waits for us and we for him.

    A row that says who wrote it last would tell the order of decisions.
    """
    name, column = sql.Identifier(table), sql.Identifier(key)
    with connection.transaction():
        connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(name))
        connection.execute(sql.SQL("UPDATE {} SET {} = {}").format(name, column, column))


def _await_quiet(connection: Connection) -> None:
    """Wait until nobody's transaction may still see old rows: those would be written anew too.

    Those of other databases count: a table is put in order by what the oldest of them may see.
    Locks are told to every role, activity is not.
    """
    running = "SELECT virtualxid FROM pg_locks WHERE locktype = 'virtualxid' AND pid <> %s"
    own = connection.info.backend_pid
    begun = [name for (name,) in connection.execute(running, [own]).fetchall()]
    deadline = time.monotonic() + _QUIET_PATIENCE_S
    while connection.execute(f"{running} AND virtualxid = ANY(%s)", [own, begun]).fetchone():
        if time.monotonic() > deadline:
            raise CommandFailure(
                "A transaction stays open in the cluster; old rows are wiped when it has ended.",
                returncode=3,
            )
        time.sleep(0.2)


def _rewrite(connection: Connection, table: str, index: str | None) -> None:
    """Put a table, its texts and its indexes into new files; in the order of an index."""
    name = sql.Identifier(table)
    if index is None:
        connection.execute(sql.SQL("VACUUM (FULL) {}").format(name))
    else:
        connection.execute(sql.SQL("CLUSTER {} USING {}").format(name, sql.Identifier(index)))
    connection.execute(sql.SQL("ANALYZE {}").format(name))
