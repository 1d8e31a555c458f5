"""Elements note by which rules their tags were read, and have room on their pages for changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, one setting of the table."""

    dependencies = [("osm", "0007_matches")]
    operations = [
        migrations.AddField(
            model_name="element",
            name="rules",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.RunSQL(
            "ALTER TABLE osm_element SET (fillfactor = 90)",
            "ALTER TABLE osm_element RESET (fillfactor)",
        ),
    ]
