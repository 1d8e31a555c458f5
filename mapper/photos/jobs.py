"""The jobs of photos: each is a few lines around an action; arguments are public ids."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from mapper.photos import actions


# Before all searches: an upload has ten minutes, a search may wait.
@app.task(
    name="photos.clean",
    queue="photos",
    retry=RetryStrategy(max_attempts=5, wait=10),
    priority=10,
)
def clean(photo: str) -> None:
    """Make the pixel copies of a photo, delete its upload, and ask for the search."""
    actions.request_search(actions.copy_photo(photo_id=UUID(photo)))


@app.task(name="photos.search", queue="photos", retry=RetryStrategy(max_attempts=5, wait=10))
def search(photo: str) -> None:
    """Search the copy of a photo for what is to be covered, and cover it."""
    actions.search_photo(photo_id=UUID(photo))


@app.periodic(cron="* * * * *")
@app.task(name="photos.purge", queue="photos", queueing_lock="photos.purge", priority=20)
def purge(timestamp: int) -> None:
    """Clean what is stuck, then delete what has had its time."""
    actions.clean_stuck_photos()
    actions.purge_photos()
