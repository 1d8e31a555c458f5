"""Commands run as processes of their own, on the database of the test."""

import os
import subprocess
import sys
from urllib.parse import quote

from django.db import connection

from tests.conftest import REPOSITORY


def start(*words, **environment):
    """Start `manage.py` with these words; it says nothing, and may be killed."""
    known = connection.settings_dict
    url = (
        f"postgis://{quote(known['USER'] or '')}:{quote(known['PASSWORD'] or '')}"
        f"@{quote(known['HOST'] or '', safe='')}:{known['PORT']}/{known['NAME']}"
    )
    return subprocess.Popen(
        [sys.executable, "manage.py", *words, "--skip-checks"],
        cwd=REPOSITORY,
        env=os.environ | environment | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
