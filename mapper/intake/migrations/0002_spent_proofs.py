from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SpentProof",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("hour", models.BigIntegerField()),
            ],
        ),
        # As for the buckets: a crash empties it, no replica and no dump of the log holds it.
        migrations.RunSQL("ALTER TABLE intake_spentproof SET UNLOGGED", migrations.RunSQL.noop),
    ]
