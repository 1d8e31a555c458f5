"""How much came from one place within an hour; the table is unlogged and nothing joins it."""

from django.db import models


class Bucket(models.Model):
    """A count under a keyed hash of purpose, address and hour; the key's salt lives a day."""

    key = models.CharField(max_length=64, primary_key=True)
    # Whole hours since 1970, for the purge.
    hour = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return "bucket"
