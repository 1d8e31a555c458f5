"""Decisions can only be added."""

from django.db import migrations

REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'contrechamp') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON moderation_decision FROM contrechamp;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    """Revokes."""

    dependencies = [("moderation", "0001_initial"), ("operations", "0002_serving_role")]
    operations = [migrations.RunSQL(REVOKE, migrations.RunSQL.noop)]
