"""Leave room on each page: rows that a load changes stay on it, and indexes as they are."""

from django.db import migrations

ROOM = """
ALTER TABLE sightings_claim SET (fillfactor = 90);
ALTER TABLE sightings_device SET (fillfactor = 90);
"""
NONE = """
ALTER TABLE sightings_claim RESET (fillfactor);
ALTER TABLE sightings_device RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """Two settings of tables; they hold for what is written from now on."""

    dependencies = [("sightings", "0005_given_on")]
    operations = [migrations.RunSQL(ROOM, NONE)]
