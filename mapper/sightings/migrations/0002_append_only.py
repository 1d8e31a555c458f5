"""Attachments can only be added, and a device is verified only by a verified claim."""

from django.db import migrations

REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'contrechamp') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON sightings_attachment FROM contrechamp;
    END IF;
END
$$;
"""

# `verified_by` must name a claim whose `is_verified` is true: the generated column carries that
# "true" into a composite foreign key, so that the database itself refuses anything else.
VERIFIED = """
ALTER TABLE sightings_device
    ADD COLUMN verified_is boolean
    GENERATED ALWAYS AS (CASE WHEN verified_by_id IS NOT NULL THEN true END) STORED;
ALTER TABLE sightings_device
    ADD CONSTRAINT device_verified_by_a_verified_claim
    FOREIGN KEY (verified_by_id, verified_is) REFERENCES sightings_claim (id, is_verified)
    DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE sightings_device DROP CONSTRAINT device_verified_by_a_verified_claim;
ALTER TABLE sightings_device DROP COLUMN verified_is;
"""


class Migration(migrations.Migration):
    """Rules that the ORM can't say."""

    dependencies = [("sightings", "0001_initial"), ("operations", "0002_serving_role")]
    operations = [
        migrations.RunSQL(REVOKE, migrations.RunSQL.noop),
        migrations.RunSQL(VERIFIED, UNDO),
    ]
