"""What `doctor` sees of photos from near schools: whether schools are known, and what is shown."""

from django.db import OperationalError, ProgrammingError

from mapper.operations.findings import Findings, note, unsafe
from mapper.photos.cropping import uncropped_near_schools
from mapper.places.models import School

_MOST_NAMED = 10


def examine() -> Findings:
    """Ask the database, if it answers and has its tables; `doctor_database` says it if not."""
    try:
        has_schools = School.objects.exists()
        uncropped = list(uncropped_near_schools().values_list("id", flat=True)[: _MOST_NAMED + 1])
    except (OperationalError, ProgrammingError):
        return
    if not has_schools:
        yield note(
            "no schools are known, so no photo from near one is held to a crop",
            "import_schools FILE (docs/operating.md, Schools)",
        )
    if uncropped:
        names = ", ".join(str(photo) for photo in uncropped[:_MOST_NAMED])
        more = " and more" if len(uncropped) > _MOST_NAMED else ""
        yield unsafe(
            f"published photos near a school show more than a crop: {names}{more}",
            "at the desk, on their device's page: cover what is around the device, or hide them",
        )
