"""When the files of the downloads are written: soon after somebody found one out of date."""

from procrastinate.contrib.django import app

from mapper.exports import actions
from mapper.exports.downloads import Download, Subject, current_file
from mapper.places.models import City


@app.periodic(cron="*/5 * * * *")
@app.task(name="write_downloads", queueing_lock="write_downloads", lock="write_downloads")
def write_downloads(timestamp: int) -> None:
    """Write every file that is missing or out of date."""
    actions.write_files()


@app.task(name="write_download")
def write_download(subject: Subject, format: str, city_slug: str | None) -> None:
    """Write one file, unless another job has just done it."""
    city = City.objects.filter(slug=city_slug).first() if city_slug else None
    if city_slug and city is None:
        return
    download = Download(subject, format, city)
    if current_file(download) is None:
        actions.write_file(download=download)
