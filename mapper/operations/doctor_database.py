"""What `doctor` asks the database: who we are there, what we may, and what it writes down."""

from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from mapper.accounts.models import User
from mapper.operations.cluster_settings import OWNER_ROLE, SERVING_ROLE
from mapper.operations.findings import Findings, missing, note, unsafe
from mapper.operations.health import faults

APPEND_ONLY_TABLES = ("moderation_decision", "moderation_photoviewing", "sightings_attachment")
EXTENSIONS = ("postgis", "pg_trgm", "unaccent", "btree_gist")
LEAST_POSTGIS = (3, 3)
# PostgreSQL's own 4 is for turning disks; 2 leaves an operator room to know better.
MOST_RANDOM_PAGE_COST = 2.0
# Each parameter with the values under which no word of a row reaches the server's log.
QUIET: dict[str, tuple[str, ...]] = {
    "log_statement": ("none",),
    "log_min_messages": ("log", "fatal", "panic"),
    "log_min_error_statement": ("log", "fatal", "panic"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
    "log_parameter_max_length_on_error": ("0",),
    "log_error_verbosity": ("terse",),
}

# Each parameter under which the log of writes, and with it what was withdrawn, lasts longer than
# the hour, with the value that PostgreSQL's own file gives it.
LASTING: dict[str, tuple[str, ...]] = {
    "archive_timeout": ("0",),
    "wal_recycle": ("on",),
    "track_commit_timestamp": ("on",),
    "archive_mode": ("on", "always"),
}


def examine() -> Findings:
    """Return what the database shows."""
    try:
        with connection.cursor():
            pass
    except OperationalError:
        yield missing(
            "the database does not answer",
            "start it with `python manage.py up`, or set DATABASE_URL",
        )
        return
    for look in _LOOKS:
        yield from look()


def _value(statement: str, *parameters: str) -> object:
    """Return the one value a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return None if row is None else row[0]


def administrators_line(database: str) -> str:
    """Return what an administrator runs once, as the cluster's superuser."""
    return (
        "psql -v ON_ERROR_STOP=1 -d template1 "
        + " ".join(f"-c 'CREATE EXTENSION IF NOT EXISTS {name}'" for name in EXTENSIONS)
        + f" -c 'CREATE ROLE {SERVING_ROLE} LOGIN' -c 'CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB' "
        f"-c 'GRANT {SERVING_ROLE} TO {OWNER_ROLE}' "
        f"-c 'CREATE DATABASE {database} OWNER {OWNER_ROLE}'"
    )


def _role() -> Findings:
    """Look for a superuser, who may do anything to append-only tables too."""
    if _value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield unsafe(
            f"DATABASE_URL logs in as {_value('SELECT current_user')}, a superuser of PostgreSQL",
            f"have an administrator run: {administrators_line('contrechamp')}   then serve with "
            f"DATABASE_URL=postgis://{SERVING_ROLE}@…/contrechamp and migrate with "
            f"OWNER_DATABASE_URL=postgis://{OWNER_ROLE}@…/contrechamp",
        )


def _append_only() -> Findings:
    """Look whether who serves may change or delete a decision or an attachment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, privilege "
            "FROM unnest(%s::text[]) AS name, unnest(%s::text[]) AS privilege "
            "WHERE to_regclass(name) IS NOT NULL AND has_table_privilege(name, privilege)",
            [list(APPEND_ONLY_TABLES), ["UPDATE", "DELETE", "TRUNCATE"]],
        )
        granted = [f"{privilege} {name}" for name, privilege in cursor.fetchall()]
    if granted:
        yield unsafe(
            f"the serving role may {', '.join(granted)}",
            f"serve as the role {SERVING_ROLE}, and run the migrations as {OWNER_ROLE}",
        )


def _extensions() -> Findings:
    """Look for what the migrations and the queries stand on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        found = dict(cursor.fetchall())
    for name in EXTENSIONS:
        if name not in found:
            yield missing(
                f"the extension {name} is not in the database",
                f"as a superuser, in this database: CREATE EXTENSION {name}",
            )
    version = found.get("postgis", "")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < LEAST_POSTGIS:
        yield missing(f"PostGIS {version} is older than 3.3", "upgrade PostGIS")


def _migrations() -> Findings:
    """Look whether the tables are as this version of the program wants them."""
    executor = MigrationExecutor(connection)
    count = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if count:
        yield missing(f"{count} migrations are not applied", "make upgrade")


def _second_factors() -> Findings:
    """Count who signs in with a password alone."""
    if settings.IS_DEMO or _value("SELECT to_regclass('accounts_secondfactor')") is None:
        return
    working = User.objects.filter(is_active=True, is_staff=True)
    lacking = working.filter(factor_mark="").count()
    if lacking and settings.REQUIRE_SECOND_FACTOR:
        yield note(
            f"{lacking} of {working.count()} staff accounts have no second factor yet",
            "they are asked to make one when they next sign in; close those nobody uses",
        )
    elif lacking:
        yield unsafe(
            f"{lacking} of {working.count()} staff accounts sign in with a password alone",
            "leave REQUIRE_SECOND_FACTOR out, and have them open /staff/second-factor/",
        )


def _logging() -> Findings:
    """Look whether the server's log would hold what somebody wrote."""
    loud = []
    for name, quiet in QUIET.items():
        value = str(_value("SELECT current_setting(%s, true)", name))
        if value not in quiet:
            loud.append(f"{name}={value}")
    if loud:
        yield unsafe(
            f"PostgreSQL may log values: {', '.join(loud)}",
            "include deploy/postgresql/contrechamp.conf in postgresql.conf and reload",
        )


def _log_of_writes() -> Findings:
    """Look whether what was withdrawn lasts in PostgreSQL's log of writes."""
    lasting = []
    for name, values in LASTING.items():
        value = str(_value("SELECT current_setting(%s)", name))
        if value in values:
            lasting.append(f"{name}={value}")
    if lasting:
        yield unsafe(
            f"PostgreSQL keeps what it wrote: {', '.join(lasting)}",
            "include deploy/postgresql/contrechamp.conf in postgresql.conf and restart",
        )


def _planner() -> Findings:
    """Look for PostgreSQL's own choices, which suit neither a disk without arms nor a tile."""
    slow = []
    if _value("SELECT current_setting('jit')") == "on":
        slow.append("jit=on")
    cost = _value("SELECT current_setting('random_page_cost')::float8")
    if isinstance(cost, float) and cost > MOST_RANDOM_PAGE_COST:
        slow.append(f"random_page_cost={cost:g}")
    if slow:
        yield note(
            f"PostgreSQL plans slower than it could: {', '.join(slow)}",
            "as the database's owner: ALTER DATABASE contrechamp SET jit = off; "
            "ALTER DATABASE contrechamp SET random_page_cost = 1.1 (docs/operating.md)",
        )


def _health() -> Findings:
    """Ask what /healthz would say."""
    for part, fault in faults().items():
        remedy = {
            "worker": "start it: python manage.py worker, or systemctl start contrechamp-worker",
            "jobs": "look at the worker's journal: journalctl -u contrechamp-worker",
        }.get(part, "see docs/operating.md")
        if part != "disk":  # `doctor_machine` says more of it.
            yield missing(f"{part}: {fault}", remedy)


_LOOKS: tuple[Callable[[], Findings], ...] = (
    _role,
    _append_only,
    _extensions,
    _migrations,
    _second_factors,
    _logging,
    _log_of_writes,
    _planner,
    _health,
)
