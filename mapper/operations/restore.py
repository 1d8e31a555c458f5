"""Makes an instance of a backup: beside the present one, checked, then put in its place."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

from mapper.errors import CommandFailure
from mapper.operations import archive, databases
from mapper.operations.backup import columns_of, count_rows, run_program
from mapper.operations.databases import Database

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
_BLOCK_BYTES = 1 << 20


def restore_backup(
    *,
    path: Path,
    database: Database,
    data_root: Path,
    erasures: Path,
    identity: Path | None,
    replace: bool,
) -> dict[str, int]:
    """Put what a backup holds in the place of a database and its files; return its row counts.

    The file is read whole and held against its manifest first: nobody is asked to give up what
    is here for something that is no backup.
    """
    data_root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=data_root, prefix=".restore-") as name:
        folder = Path(name)
        counts = archive.unpack(path, folder, identity=identity)
        if not replace and not is_empty(database):
            raise CommandFailure(
                f"{path} is a whole backup, but the database {database.name} holds data; to lose "
                "them for the backup's, add --replace."
            )
        new = database.named(f"{database.name}_restoring")
        databases.drop(new)
        databases.create(new)
        try:
            _fill(new, folder, counts)
            _replay(new, folder, erasures)
            databases.put_in_place(new, database.name)
        finally:
            databases.drop(new)
        _exchange(folder / "media", data_root / "media", folder / "replaced")
    return counts


def is_empty(database: Database) -> bool:
    """Return whether nobody has put anything in yet."""
    if not databases.exists(database):
        return True
    with closing(database.connect()) as connection:
        for table in ("sightings_claim", "places_city", "accounts_user", "documents_document"):
            try:
                statement = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
                row = connection.execute(statement).fetchone()
            except psycopg.errors.UndefinedTable:
                return True
            if row and row[0]:
                return False
    return True


def _fill(database: Database, folder: Path, counts: dict[str, int]) -> None:
    """Load the rows between the tables and their constraints, and count them."""
    dump = str(folder / "database.dump")
    _load(database, dump, "pre-data")
    _load(database, dump, "data")
    with closing(database.connect()) as connection:
        for rows in sorted((folder / "rows").glob("*.copy")):
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(rows.stem), columns_of(connection, rows.stem)
            )
            with connection.cursor().copy(statement) as copy, rows.open("rb") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    copy.write(block)
        connection.commit()
    _load(database, dump, "post-data")
    with closing(database.connect()) as connection:
        found = count_rows(connection)
    wrong = [name for name in {*found, *counts} if found.get(name) != counts.get(name)]
    if wrong:
        raise CommandFailure(
            f"{wrong[0]} has {found.get(wrong[0])} rows after the restore, the backup "
            f"{counts.get(wrong[0])}; nothing was changed.",
            returncode=3,
        )


def _load(database: Database, dump: str, section: str) -> None:
    """Run pg_restore for one section."""
    command, environment = database.program(
        "pg_restore",
        *("--exit-on-error", "--no-owner", "--no-comments", f"--section={section}"),
        *(f"--dbname={database.name}", dump),
    )
    run_program(command, environment)


def _replay(database: Database, folder: Path, erasures: Path) -> None:
    """Take out again what was erased or withdrawn since, before anyone can see it."""
    if not erasures.is_file():
        return
    environment = {**os.environ, "DATABASE_URL": database.url, "DEMO": "1"}
    environment["DATA_ROOT"] = str(folder)
    done = subprocess.run(
        [sys.executable, str(MANAGE), "replay_erasures", str(erasures)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CommandFailure(
            f"what was erased can't be taken out of this backup: {said[-1] if said else ''} "
            "Nothing was changed; take a newer backup.",
            returncode=3,
        )


def _exchange(new: Path, old: Path, aside: Path) -> None:
    """Put a folder in the place of another; a failure puts the old one back."""
    new.mkdir(mode=0o700, exist_ok=True)
    if old.exists():
        old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        if aside.exists():
            aside.rename(old)
        raise
    shutil.rmtree(aside, ignore_errors=True)
