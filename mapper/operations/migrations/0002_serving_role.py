"""Lets the serving role read and write rows; what is append-only is revoked by its own app."""

from django.db import migrations

# The role is the administrator's to make (`manage.py up` makes it in the project's own cluster);
# on a database that has none, one role serves and owns, and `doctor` says what is lost by it.
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'contrechamp') THEN
        GRANT USAGE ON SCHEMA public TO contrechamp;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO contrechamp;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO contrechamp;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO contrechamp;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT USAGE, SELECT ON SEQUENCES TO contrechamp;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    """Grants."""

    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]
