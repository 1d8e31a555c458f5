"""What versions changed stands with the element: a table of its own took a load too long."""

from django.db import migrations, models

CARRY = """
UPDATE osm_element AS element
   SET history = seen.history
  FROM (SELECT element_id,
               jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'version', version,
                   'month', to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM'),
                   'added', to_jsonb(nullif(added, '{}')),
                   'changed', to_jsonb(nullif(changed, '{}')),
                   'removed', to_jsonb(nullif(removed, '{}')),
                   'moved_m', nullif(round(moved_m::numeric, 1), 0),
                   'is_deleted', CASE WHEN is_deleted THEN true END
               )) ORDER BY version DESC) AS history
          FROM (SELECT *, row_number() OVER (PARTITION BY element_id ORDER BY version DESC) AS place
                  FROM osm_elementchange) AS change
         WHERE place <= 20
         GROUP BY element_id) AS seen
 WHERE element.id = seen.element_id
"""


class Migration(migrations.Migration):
    """A column in the place of the table."""

    dependencies = [("osm", "0009_flags")]
    operations = [
        migrations.AddField(
            model_name="element",
            name="history",
            field=models.JSONField(default=list, db_default=models.Value([], models.JSONField())),
        ),
        migrations.RunSQL(CARRY, migrations.RunSQL.noop),
        migrations.DeleteModel(name="ElementChange"),
    ]
