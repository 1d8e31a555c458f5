"""Follows OSM's changes where the instance names a server, and at night matches its objects."""

from django.conf import settings
from procrastinate.contrib.django import app

from geo.bbox import BBox
from mapper.errors import Conflict
from mapper.osm.follow import catch_up, note_fault, start_following
from mapper.osm.matching import match_elements
from mapper.osm.models import Following
from mapper.osm.outbound import user_agent
from mapper.osm.replication import Replication, ReplicationFailure


@app.periodic(cron="*/5 * * * *")
@app.task(name="osm.follow", queueing_lock="osm.follow", lock="osm.follow")
def follow(timestamp: int) -> None:
    """Take in what the server has by now; what fails is tried again in five minutes."""
    if not settings.OSM_REPLICATION_URL:
        return
    region = BBox.parse(settings.OSM_REGION) if settings.OSM_REGION else None
    with Replication(settings.OSM_REPLICATION_URL, user_agent=user_agent()) as server:
        try:
            if not Following.objects.filter(url=server.baseurl).exists():
                start_following(server=server)
            catch_up(server=server, region=region, is_quiet=True)
        except ReplicationFailure as failure:
            note_fault(server=server, fault=failure.message)
        except Conflict:
            # Somebody runs the command: that run does the same.
            return


@app.periodic(cron="11 4 * * *")
@app.task(name="osm.match", queueing_lock="osm.match", lock="osm.match")
def match(timestamp: int) -> None:
    """Search which of our devices OSM knows; moderators settle it."""
    match_elements(is_quiet=True)
