import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_notice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="act",
            field=models.CharField(
                choices=[
                    ("accept", "accepted"),
                    ("refuse", "refused"),
                    ("ask", "asked a question"),
                    ("merge", "merged"),
                    ("unmerge", "un-merged"),
                    ("publish_photo", "published a photo"),
                    ("refuse_photo", "refused a photo"),
                    ("hide_photo", "hid a photo"),
                    ("correct", "corrected"),
                    ("erase", "erased"),
                    ("keep", "kept after a notice"),
                    ("settle", "settled a notice"),
                    ("undo", "undid"),
                    ("take_off", "took reports off the map that nobody had checked"),
                    ("release_brake", "released the brake"),
                    ("refuse_flood", "refused a flood of reports"),
                    ("open_party", "opened a cartopartie"),
                    ("close_party", "closed a cartopartie"),
                    ("pass_photo", "accepted a photo, and nothing else of its report"),
                    ("confirm", "verified by reports that agree"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="role",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor__isnull", False), ("act", "confirm"), _connector="OR"),
                name="decision_is_somebody_s_but_for_confirmations",
            ),
        ),
    ]
