"""What a backup holds: everything decided, and nothing that would date or betray who sent it."""

import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql
from tqdm import tqdm

from mapper.errors import CommandFailure
from mapper.operations import archive
from mapper.operations.databases import Connection, Database

# Jobs date reports, buckets and spent proofs are of people, receipts are their keys, sessions are
# staff's, and a heartbeat is news of yesterday.
LEFT_OUT = (
    "accounts_loginattempt",
    "django_session",
    "intake_bucket",
    "intake_spentproof",
    "moderation_openreport",
    "operations_heartbeat",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
    "sightings_receipt",
    "trust_batch",
    "trust_brake",
    "trust_party",
    "trust_passage",
)
# The quarantine: what nobody has decided yet still holds positions, words and hours of arrival,
# and its author may take it back without a trace; a backup would remember it.
DECIDED_ONLY = {
    "sightings_sighting": "state NOT IN ('received', 'question_asked')",
    "photos_photo": (
        "state NOT IN ('received', 'awaiting_review') AND EXISTS ("
        "SELECT FROM sightings_sighting AS sighting WHERE sighting.id = sighting_id "
        "AND sighting.state NOT IN ('received', 'question_asked'))"
    ),
}


def write_backup(
    *, database: Database, media: Path, path: Path, work: Path, recipient: str, replace: bool
) -> dict[str, int]:
    """Write a backup file; return the number of rows of each table in it."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        archive.writing(path, recipient=recipient, replace=replace) as backup,
        TemporaryDirectory(dir=work, prefix=".backup-") as folder,
        closing(database.connect()) as connection,
    ):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        dump = Path(folder) / "database.dump"
        _dump(database, dump, snapshot=_export_snapshot(connection))
        backup.add("database.dump", dump)
        dump.unlink()
        for table, condition in _present(connection, DECIDED_ONLY).items():
            rows = Path(folder) / table
            _copy_out(connection, table, condition, rows)
            backup.add(f"rows/{table}.copy", rows)
        counts = count_rows(connection)
        files = sorted(file for file in media.rglob("*") if file.is_file())
        for file in tqdm(files, desc="files", unit="file", disable=None, leave=False):
            backup.add(f"media/{file.relative_to(media)}", file)
        backup.close(counts)
    return counts


def _export_snapshot(connection: Connection) -> str:
    """Return the name under which pg_dump sees the same moment as we do."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def tables_of(connection: Connection) -> list[str]:
    """Return our tables."""
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename <> 'spatial_ref_sys' ORDER BY tablename"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _present(connection: Connection, conditions: dict[str, str]) -> dict[str, str]:
    """Return those of the tables that this version of the program has."""
    known = set(tables_of(connection))
    return {table: condition for table, condition in conditions.items() if table in known}


def count_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows of each table belong in a backup."""
    counts = {}
    for table in tables_of(connection):
        condition = "false" if table in LEFT_OUT else DECIDED_ONLY.get(table, "true")
        statement = sql.SQL("SELECT count(*) FROM {} WHERE ").format(sql.Identifier(table))
        row = connection.execute(statement + sql.SQL(condition)).fetchone()
        counts[table] = int(str(row[0])) if row else 0
    return counts


def columns_of(connection: Connection, table: str) -> sql.Composed:
    """Return the columns of a table that can be written."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    return sql.SQL(", ").join(sql.Identifier(str(row[0])) for row in rows)


def _dump(database: Database, path: Path, *, snapshot: str) -> None:
    """Run pg_dump."""
    command, environment = database.program(
        "pg_dump",
        *("--format=custom", "--no-comments", f"--snapshot={snapshot}", f"--file={path}"),
        # PostGIS brings its own reference systems.
        "--exclude-table-data=public.spatial_ref_sys",
        *(f"--exclude-table-data=public.{table}" for table in (*LEFT_OUT, *DECIDED_ONLY)),
    )
    run_program(command, environment)


def run_program(command: list[str], environment: dict[str, str]) -> None:
    """Run pg_dump or pg_restore; its first complaint is our message."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CommandFailure(
            f"{command[0]} is missing: apt-get install postgresql-client", returncode=3
        ) from error
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), f"exit code {done.returncode}")
        raise CommandFailure(said, returncode=3)


def _copy_out(connection: Connection, table: str, condition: str, path: Path) -> None:
    """Write the rows that a condition lets through."""
    statement = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT").format(
        columns_of(connection, table),
        sql.Identifier(table),
        sql.SQL(condition),
    )
    with connection.cursor().copy(statement) as rows, path.open("wb") as stream:
        for block in rows:
            stream.write(block)
