"""What the project's own PostgreSQL cluster is told: its settings, and who may enter.

Nothing listens on TCP, nobody enters without being the right user of the machine, and no value of
a row reaches the log.
"""

OWNER_ROLE = "contrechamp_owner"
SERVING_ROLE = "contrechamp"
DATABASE = "contrechamp"

# Run once by the single-user back end, before anyone can connect: no role that can log in is ever
# a superuser. PostGIS 3.3 is not a trusted extension, so it lies in template1, from which the
# owner makes databases (Django's test databases too).
FIRST_STATEMENTS = f"""\
CREATE EXTENSION postgis;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
CREATE EXTENSION btree_gist;
CREATE ROLE {SERVING_ROLE} LOGIN;
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB;
GRANT {SERVING_ROLE} TO {OWNER_ROLE};
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};
"""

ACCESS = f"""\
# Written at each start. The user of this machine that pg_ident.conf names, as these two roles.
local all {OWNER_ROLE},{SERVING_ROLE} peer map=contrechamp
"""

# For a machine of 4 GB that also runs the web server, the worker and the browser of its operator.
_SETTINGS = """\
# Written at each start; changes here are lost.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
# The log of writes holds what was written, withdrawn or not: a new file each half hour, and an
# old one is deleted at the next checkpoint, not kept for its space.
archive_timeout = 30min
wal_recycle = off
track_commit_timestamp = off
timezone = 'UTC'
log_timezone = 'UTC'
default_text_search_config = 'pg_catalog.simple'

# Failing statements and refused values may hold a walker's words: only starts, stops and what is
# fatal to a connection or to the server is written.
log_destination = 'stderr'
logging_collector = off
log_min_messages = log
log_min_error_statement = panic
log_statement = 'none'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_connections = off
log_disconnections = off
log_checkpoints = off
log_autovacuum_min_duration = -1
log_lock_waits = off
log_line_prefix = '%m [%p] '
"""

# The tests' cluster may be lost at any time.
_UNSAFE_AND_FAST = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def configuration(*, is_durable: bool) -> str:
    """Return what postgresql.conf includes."""
    return _SETTINGS if is_durable else _SETTINGS + _UNSAFE_AND_FAST


def identities(user_names: list[str]) -> str:
    """Return pg_ident.conf: these users of the machine may be either of the two roles."""
    lines = ["# Written at each start."]
    for name in user_names:
        quoted = '"' + name.replace('"', '""') + '"'
        lines += [f"contrechamp {quoted} {role}" for role in (OWNER_ROLE, SERVING_ROLE)]
    return "\n".join(lines) + "\n"
