"""Photos are covered: boxes and a crop, and the copy that shows them."""

from django.db import migrations, models


def search_again(apps, schema_editor):
    """Search what waits for a moderator; what its thumbnail showed was not covered."""
    photos = apps.get_model("photos", "Photo").objects
    photos.exclude(covered_thumbnail_name="").update(covered_thumbnail_name="")
    photos.filter(state="awaiting_review").exclude(pixel_name="").update(state="received")


class Migration(migrations.Migration):
    dependencies = [("photos", "0002_photo_flag")]

    operations = [
        migrations.RenameField("photo", "pixel_thumbnail_name", "covered_thumbnail_name"),
        migrations.AddField(
            "photo", "search_name", models.CharField(blank=True, default="", max_length=64), False
        ),
        migrations.AddField(
            "photo", "covered_name", models.CharField(blank=True, default="", max_length=64), False
        ),
        migrations.AddField(
            "photo", "public_width_px", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            "photo", "public_height_px", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AddField("photo", "boxes", models.JSONField(blank=True, default=list)),
        migrations.AddField("photo", "crop", models.JSONField(blank=True, null=True)),
        migrations.AddField("photo", "is_searched", models.BooleanField(default=False)),
        migrations.RunPython(search_again, migrations.RunPython.noop, elidable=True),
    ]
