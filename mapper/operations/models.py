"""What tells whether it runs: the worker's heartbeat."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of a worker; one row a name."""

    name = models.CharField(max_length=64, primary_key=True)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
