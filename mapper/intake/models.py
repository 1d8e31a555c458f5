"""How much came from one place within an hour, and which proofs of work are spent.

Both tables are unlogged and nothing joins them.
"""

from django.db import models


class Bucket(models.Model):
    """A count under a keyed hash of purpose, address and hour; the key's salt lives a day."""

    key = models.CharField(max_length=64, primary_key=True)
    # Whole hours since 1970, for the purge.
    hour = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return "bucket"


class SpentProof(models.Model):
    """A solved challenge that was used, under a keyed hash: it counts once."""

    key = models.CharField(max_length=64, primary_key=True)
    # Whole hours since 1970 in which it is over at the latest, for the purge.
    hour = models.BigIntegerField()

    def __str__(self) -> str:
        return "spent proof"
