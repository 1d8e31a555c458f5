"""Loads the named SQL files of the apps; the only way to run SQL that the ORM can't say well.

The ORM says which rows (`compiled`), the file says what of them (`composed`).
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.models import QuerySet

_ROOT = Path(__file__).resolve().parent


@cache
def load(app: str, name: str) -> str:
    """Return the text of mapper/<app>/sql/<name>.sql."""
    return (_ROOT / app / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def compiled(queryset: "QuerySet[Any, Any]") -> str:
    """Return a queryset as SQL whose values psycopg has quoted."""
    # Of a queryset that can't have rows, too: Django would raise and not write the SQL.
    compiler = queryset.query.get_compiler(connection=connection, elide_empty=False)
    text, parameters = compiler.as_sql()
    return str(mogrify(text, parameters, connection))


def composed(app: str, name: str, parameters: dict[str, Any] | None = None, **parts: str) -> str:
    """Return a named SQL file with its parameters quoted and its `{parts}` put in.

    The result is run without parameters: a percent sign in it is only a percent sign.
    """
    text = str(mogrify(load(app, name), parameters or {}, connection))
    for part, inner in parts.items():
        text = text.replace("{" + part + "}", inner)
    return text
