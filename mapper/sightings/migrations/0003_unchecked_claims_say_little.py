"""A report that nobody has checked shows kind, type, mount and direction, and no other word."""

from django.db import migrations

ADD = """
ALTER TABLE sightings_claim
    ADD CONSTRAINT claim_unchecked_says_little
    CHECK (source <> 'walker' OR is_verified
           OR (attributes - ARRAY['kind', 'camera_type', 'mount', 'directions'] = '{}'::jsonb
               AND label_photo IS NULL));
"""
UNDO = "ALTER TABLE sightings_claim DROP CONSTRAINT claim_unchecked_says_little;"


class Migration(migrations.Migration):
    """A rule that the ORM can't say."""

    dependencies = [("sightings", "0002_append_only")]
    operations = [migrations.RunSQL(ADD, UNDO)]
