"""A proposal stands on a report from the spot whose author gave it on to OpenStreetMap."""

from django.db import migrations

# The columns of the proposal are held to "on_site" and true by a check; this holds them to the
# report's own, so that the database itself refuses to send anything else.
HOLD = """
ALTER TABLE upstream_proposal
    ADD CONSTRAINT osm_proposal_of_a_report_from_the_spot
    FOREIGN KEY (sighting_id, seen_how, has_osm_consent)
    REFERENCES sightings_sighting (id, seen_how, has_osm_consent)
    DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE upstream_proposal DROP CONSTRAINT osm_proposal_of_a_report_from_the_spot;
"""


class Migration(migrations.Migration):
    """What the ORM can't say."""

    dependencies = [("upstream", "0001_initial")]
    operations = [migrations.RunSQL(HOLD, UNDO)]
