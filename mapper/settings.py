"""All settings, from the environment alone; what is unsafe is refused by `mapper.checks`.

Each variable is described in docs/operating.md.
"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from mapper import environment, languages
from mapper.library_settings import (  # noqa: F401 - settings by being named here
    AUTH_PASSWORD_VALIDATORS,
    CONTENT_SECURITY_POLICY,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from mapper.operations import logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_ROOT = environment.folder("DATA_ROOT", BASE_DIR / "var")
environment.remember(DATA_ROOT / "embedded.env")

# --- what this instance is ---------------------------------------------------------------------
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ONION_ADDRESS = environment.text("ONION_ADDRESS")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1 localhost [::1]")
if ONION_ADDRESS:
    ALLOWED_HOSTS.append(ONION_ADDRESS)
# A demo has no obligations of production; everything else is production, which mapper.checks
# refuses to start while a legal page or a secret is missing. What answers to no name but this
# machine's own is a demo unless DEMO=0.
IS_DEMO = environment.flag(
    "DEMO", default=set(ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]"}
)
DEBUG = environment.flag("DEBUG")
TRUSTED_PROXIES = environment.words("TRUSTED_PROXIES")
SITE_URL_IS_SECURE = SITE_URL.startswith("https://")


def _secret_key() -> str:
    """Return SECRET_KEY, or for the demo one made once and kept in a 0600 file."""
    key = environment.text("SECRET_KEY")
    if key:
        return key
    kept = DATA_ROOT / "secret_key"
    if kept.is_file():
        return kept.read_text(encoding="ascii").strip()
    # Good for `check`, tests and builds; `up` writes the file before it serves anyone.
    return "unset-" + secrets.token_urlsafe(48)


SECRET_KEY = _secret_key()

PUBLISHER = {
    name: environment.text(f"PUBLISHER_{name.upper()}")
    for name in ("name", "address", "email", "director", "host")
}
SECURITY_CONTACT = environment.text("SECURITY_CONTACT")
SECUREDROP_ONION = environment.text("SECUREDROP_ONION")
PUBLISH_UNVERIFIED = environment.flag("PUBLISH_UNVERIFIED", default=True)
CONFIRMATIONS_VERIFY = environment.flag("CONFIRMATIONS_VERIFY", default=False)
PRUDENT_BY_DEFAULT = environment.flag("PRUDENT_BY_DEFAULT", default=not IS_DEMO)
PUBLISH_DELAY_MAX_S = environment.whole_number("PUBLISH_DELAY_MAX_S", 6 * 3600)
QUEUE_PATIENCE_DAYS = environment.whole_number("QUEUE_PATIENCE_DAYS", 7, least=1)
BACKUP_RECIPIENT = environment.text("BACKUP_RECIPIENT")
# The folder of state.txt that the service follows by itself, such as
# https://planet.openstreetmap.org/replication/hour; new devices are taken in OSM_REGION alone.
OSM_REPLICATION_URL = environment.text("OSM_REPLICATION_URL")
OSM_REGION = environment.text("OSM_REGION")
# The first that gives a whole answer; one without a value is the public one.
OVERPASS_URLS = environment.words("OVERPASS_URL") or ["https://overpass-api.de/api/interpreter"]
# A changeset that removes or moves more devices than this waits for a moderator.
OSM_HOLD_OVER = environment.whole_number("OSM_HOLD_OVER", 20, least=1)
OSM_API_URL = environment.text("OSM_API_URL", "https://api.openstreetmap.org")
# Where people look at and log in to OSM; links lead there.
OSM_WEB_URL = environment.text("OSM_WEB_URL", "https://www.openstreetmap.org")
# Whose account edits OSM: "own" (each moderator's) or "project" (one, declared); empty: none.
OSM_PUSH = environment.one_of("OSM_PUSH", "own", "project")
OSM_CLIENT_ID = environment.text("OSM_CLIENT_ID")
OSM_CLIENT_SECRET = environment.text("OSM_CLIENT_SECRET")
# What the community can look up: the page that declares what we do, and the tag of our changesets.
OSM_WIKI_PAGE = environment.text("OSM_WIKI_PAGE")
OSM_HASHTAG = environment.text("OSM_HASHTAG")
# Objects a day, of the whole instance.
OSM_DAILY_CAP = environment.whole_number("OSM_DAILY_CAP", 50)
# What a moderator approves who joined less than so many days ago needs a second one; 0: nothing.
OSM_TWO_PEOPLE_DAYS = environment.whole_number("OSM_TWO_PEOPLE_DAYS", 30, most=36_500)
OUTBOUND_CONTACT = environment.text("OUTBOUND_CONTACT", PUBLISHER["email"])

# --- applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "csp",
    "django_vite",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "mapper.places",
    "mapper.basemap",
    "mapper.accounts",
    "mapper.sightings",
    "mapper.osm",
    "mapper.upstream",
    "mapper.photos",
    "mapper.documents",
    "mapper.dossiers",
    "mapper.trust",
    "mapper.moderation",
    "mapper.intake",
    "mapper.exports",
    "mapper.tiles",
    "mapper.api",
    "mapper.web",
    "mapper.operations",
]

MIDDLEWARE = [
    "mapper.middleware.onion_location",
    "mapper.middleware.forgotten_in_a_minute",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "mapper.middleware.StaticFiles",
    "mapper.middleware.language_from_path",
    "mapper.middleware.errors_as_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "mapper.middleware.nobody_without_second_factor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "mapper.urls"
WSGI_APPLICATION = "mapper.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "mapper" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mapper.web.context.site",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------
# Without DATABASE_URL `manage.py up` runs a cluster of the project's own and sets it.
_database_url = environment.text("DATABASE_URL")
OWNER_DATABASE_URL = environment.text("OWNER_DATABASE_URL")
try:
    _database: dict[str, Any] = dict(
        dj_database_url.parse(_database_url or "postgis:///contrechamp", conn_max_age=None)
    )
except (ValueError, KeyError) as error:
    raise ImproperlyConfigured(
        "DATABASE_URL is not a database address; write postgis://role@host/name."
    ) from error
_database["ENGINE"] = "django.contrib.gis.db.backends.postgis"
_database["CONN_HEALTH_CHECKS"] = True
_database["OPTIONS"] = _database.get("OPTIONS", {})
STATEMENT_TIMEOUT_MS = environment.whole_number("STATEMENT_TIMEOUT_MS", 0)
if STATEMENT_TIMEOUT_MS:
    _database["OPTIONS"]["options"] = f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
_test_suffix = environment.text("TEST_SUFFIX")
_database["TEST"] = {
    "NAME": "test_contrechamp" + (f"_{_test_suffix}" if _test_suffix else ""),
    # The role that owns the schema runs the tests; template1 carries PostGIS.
    "TEMPLATE": "template1",
}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
# A demo's accounts have no authenticator; a public instance asks all staff for one.
REQUIRE_SECOND_FACTOR = environment.flag("REQUIRE_SECOND_FACTOR", default=not IS_DEMO)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "moderation"
# In the staff session: no cookie beside it.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGOUT_REDIRECT_URL = "login"

# --- languages ---------------------------------------------------------------------------------
LANGUAGE_CODE = languages.BARE
LOCALE_PATHS = [BASE_DIR / "mapper" / "locale"]
# One a folder; docs/translating.md.
LANGUAGES = languages.known_languages(LOCALE_PATHS[0])
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_ROOT / "static"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "frontend" / "dist"] if folder.is_dir()]
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": BASE_DIR / "frontend" / "dist" / ".vite" / "manifest.json",
    }
}
WORKER_FILE = BASE_DIR / "frontend" / "dist" / "service_worker.js"
# Uploads, until a sandboxed job has made their pixel copies, live in QUARANTINE_ROOT; only what
# was published is ever under MEDIA_ROOT. Neither is under a served path: views serve photos.
MEDIA_ROOT = DATA_ROOT / "media"
# Django's server for tests hands out MEDIA_ROOT at MEDIA_URL, which is "/" where it is not set.
MEDIA_URL = "/no-folder-is-served/"
QUARANTINE_ROOT = DATA_ROOT / "quarantine"
EXPORT_ROOT = DATA_ROOT / "exports"
BASEMAP_ROOT = DATA_ROOT / "basemap"
# A spool for request bodies: memory, so that no upload touches a disk before quarantine.
# Where a container gives us none, `doctor` says that the disk is used instead.
_MEMORY = environment.memory_folder()
FILE_UPLOAD_TEMP_DIR = environment.text("SPOOL_DIR") or _MEMORY
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_PERMISSIONS = 0o600
S3 = environment.buckets()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "quarantine": {"BACKEND": "mapper.photos.buckets.Bucket", "OPTIONS": S3["quarantine"]}
    if S3
    else {"BACKEND": "mapper.photos.folders.Folder", "OPTIONS": {"setting": "QUARANTINE_ROOT"}},
    "photos": {"BACKEND": "mapper.photos.buckets.Bucket", "OPTIONS": S3["photos"]}
    if S3
    else {"BACKEND": "mapper.photos.folders.Folder", "OPTIONS": {"setting": "MEDIA_ROOT"}},
    # Built by root, read by the service's own user.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 200_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 12
MAX_PHOTO_BYTES = 20_000_000
MAX_PHOTO_PIXELS = 50_000_000
MAX_PHOTOS_PER_REPORT = 6
PHOTO_LONG_SIDE_PX = 2016
THUMBNAIL_LONG_SIDE_PX = 480
# Searched for faces at twice the side of what is published: one that is smaller in there is a few
# pixels high in public. Threads of the search; 0 leaves all boxes to the moderators.
SEARCH_LONG_SIDE_PX = 4096
REDACTION_THREADS = min(
    4, environment.whole_number("REDACTION_THREADS", min(4, os.cpu_count() or 1))
)

# --- proof of work of anonymous reports ----------------------------------------------------------
# A report without one is taken too, and goes to the slow queue.
REQUIRE_PROOF = environment.flag("REQUIRE_PROOF", default=True)
# At most so many tries solve a challenge (`mapper.intake.proof_of_work`).
PROOF_TRIES = environment.whole_number("PROOF_TRIES", 100, least=1)

# --- limits of anonymous posts (keyed, per hour) -------------------------------------------------
REPORTS_PER_HOUR = 30
HARD_LIMIT_FACTOR = 20
# More of one city within an hour, against its usual, trips the brake (`mapper.trust.brake`).
BRAKE_REPORTS_PER_HOUR = environment.whole_number("BRAKE_REPORTS_PER_HOUR", 60, least=1)
# Loopback and the onion service share one quota: their walkers can't be told apart.
SHARED_REPORTS_PER_HOUR = environment.whole_number("SHARED_REPORTS_PER_HOUR", 600)
# Notices are few; a flood of them waits in the queue and hides nothing.
NOTICES_PER_HOUR = 10
SHARED_NOTICES_PER_HOUR = 60
# A receipt that nobody has used for so many months is deleted, once its report is decided.
RECEIPT_IDLE_MONTHS = environment.whole_number("RECEIPT_IDLE_MONTHS", 24)
BUCKET_SALT_FILE = environment.text("BUCKET_SALT_FILE") or (
    f"{_MEMORY or DATA_ROOT}/contrechamp-"
    + hashlib.sha256(str(DATA_ROOT).encode()).hexdigest()[:16]
    + ".salt"
)

# --- security ----------------------------------------------------------------------------------
# Not "no-referrer": under it browsers send `Origin: null`, and plain forms would get a 403.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# TLS ends at nginx, which redirects; an onion service has no TLS, so Django must not redirect.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = SITE_URL_IS_SECURE
CSRF_COOKIE_SECURE = SITE_URL_IS_SECURE
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- jobs, logs, checks --------------------------------------------------------------------------
PROCRASTINATE_IMPORT_PATHS: list[str] = []
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING = logs.CONFIGURATION
SILENCED_SYSTEM_CHECKS = [
    "gis.W001",  # Debian 12 ships GDAL 3.6; we use none of what needs 3.9.
    "security.W004",  # HSTS and
    "security.W008",  # the redirect to HTTPS are nginx's: an onion address has neither.
    "security.W021",
]
