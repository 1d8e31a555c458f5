"""What the columns of redaction may hold together."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("photos", "0003_redaction")]

    operations = [
        migrations.AddConstraint(
            "photo",
            models.CheckConstraint(
                condition=Q(state="received") | Q(search_name=""),
                name="photo_searched_keeps_no_full_size",
            ),
        ),
        migrations.AddConstraint(
            "photo",
            models.CheckConstraint(
                condition=~Q(pixel_name="") | Q(boxes=[]),
                name="photo_boxes_go_with_the_pixels",
            ),
        ),
    ]
