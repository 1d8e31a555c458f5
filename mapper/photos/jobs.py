"""The jobs of photos: each is a few lines around an action; arguments are public ids."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from mapper.photos import actions


@app.task(name="photos.clean", queue="photos", retry=RetryStrategy(max_attempts=5, wait=10))
def clean(photo: str) -> None:
    """Make the pixel copy of a photo and delete its upload."""
    actions.clean_photo(photo_id=UUID(photo))


@app.periodic(cron="* * * * *")
@app.task(name="photos.purge", queue="photos", queueing_lock="photos.purge")
def purge(timestamp: int) -> None:
    """Clean what is stuck, then delete what has had its time."""
    actions.clean_stuck_photos()
    actions.purge_photos()
