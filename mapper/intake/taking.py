"""Takes photos that no walker sent as one report: whole, clean and once, or not at all."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection, transaction

from mapper.intake.actions import take_back, take_report
from mapper.intake.incoming import IncomingPhoto
from mapper.intake.report import ReportInput
from mapper.photos.actions import clean_photo
from mapper.photos.models import PhotoState
from mapper.photos.refusals import reason_in_words
from mapper.trust.models import Obstacle

# Each transaction that takes something shares the first; whoever needs to know what became of
# those of a killed process waits with the second until the last of them has ended.
_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtext('intake.import'), hashtext(%s))"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('intake.import'), hashtext(%s))"


@transaction.atomic
def take_together(
    *,
    report: ReportInput,
    photos: Sequence[IncomingPhoto],
    import_name: str,
    is_searched: bool = True,
    before_commit: Callable[[UUID], None],
) -> dict[str, str]:
    """Take photos of one spot as one report; return why some are none, by their upload's name.

    Then none is taken. They are cleaned before the commit: nobody ever sees a report of which some
    photo fails, no original waits where perhaps no worker runs, and who kills us kills all of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [import_name])
    sighting, _placed = take_report(report=report, photos=photos, obstacle=Obstacle.IMPORTED)
    failures: dict[str, str] = {}
    for photo in sighting.photos.all():
        upload_name = photo.upload_name
        cleaned = clean_photo(photo_id=photo.id, is_searched=is_searched)
        if cleaned is not None and cleaned.state == PhotoState.FAILED:
            failures[upload_name] = reason_in_words(cleaned.failure)
    if failures:
        take_back(sighting=sighting)
    else:
        before_commit(sighting.id)
    return failures


@transaction.atomic
def wait_for_the_killed(*, import_name: str) -> None:
    """Return once no transaction of a run that was killed is still being committed."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [import_name])
