"""The page on what watches and what only looks like it: drawings, and the same in words."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mapper.web.caching import cached_page


@dataclass(frozen=True, slots=True)
class Look:
    """One thing on a pole or a wall: its drawing, its name, how to tell it, what to do."""

    drawing: str
    name: Promise
    tell: Promise
    note: Promise


_WATCHING = (
    Look(
        "fixed",
        _("Fixed camera"),
        _("A long box or a tube with a visor, on an arm. One lens, which looks one way only."),
        _("Its direction is that of the tube."),
    ),
    Look(
        "dome",
        _("Dome camera"),
        _("Half a ball of glass, clear or smoked, under a ceiling or an arm."),
        _("If you can't see where the lens looks, say that it looks all round."),
    ),
    Look(
        "panning",
        _("Pan-tilt camera"),
        _("A ball or a head that hangs from an arm and turns. Towns use it most, high on poles."),
        _("It turns: say that it looks all round, unless it never moves."),
    ),
    Look(
        "multi",
        _("Camera with several eyes"),
        _("A wide dome or a bar with three or four lenses side by side."),
        _("Report one dome camera, and add a direction for each lens."),
    ),
    Look(
        "alpr",
        _("Plate reader"),
        _("A box with a lens and many small lamps, low over a lane, often two of them in a row."),
        _("It looks along the road. A plain camera over a crossing is no plate reader."),
    ),
    Look(
        "speed",
        _("Speed camera"),
        _("A cabin, a tower or a box by the road, with dark windows; signs announce it."),
        _("It stands on a layer of its own, which is off at first."),
    ),
    Look(
        "acoustic",
        _("Acoustic sensor"),
        _("A box with small round microphones at its corners, on a pole, often by a camera."),
        _("Photograph its label: few people know these."),
    ),
    Look(
        "drone",
        _("Drone base"),
        _("A white box on a flat roof or a trailer, whose lid opens; a drone sleeps in it."),
        _("Report the base where it stands. A flight is an event, not a device."),
    ),
    Look(
        "doorbell",
        _("Doorbell with a camera"),
        _("A small plate by a door with a lens over its button."),
        _("A private home's: it is shown on the street only, without a photo."),
    ),
)
_NOT_WATCHING = (
    Look(
        "lamp",
        _("Light sensor of a lamp"),
        _("A small cap on top of a street lamp, often grey or blue, without a lens."),
        _("It lights the lamp at dusk. Some lamps carry a camera too: look below the arm."),
    ),
    Look(
        "signal",
        _("Detector on traffic lights"),
        _("A small box on top of the lights with a dark front, tilted towards the lane."),
        _("It sees that somebody waits. Some are cameras: a round glass lens gives them away."),
    ),
    Look(
        "counter",
        _("Traffic counter"),
        _("A grey box chained to a pole, with a rubber tube across the road or a small radar."),
        _("It counts for some days and goes away."),
    ),
    Look(
        "display",
        _("Sign that shows your speed"),
        _("A board with large digits, at the entrance of a village."),
        _("It measures and keeps a count, without a picture."),
    ),
    Look(
        "antenna",
        _("Telephone or Wi-Fi antenna"),
        _("A plain white cylinder or flat panel, without glass, with cables from below."),
        _("It has no lens."),
    ),
    Look(
        "motion",
        _("Lamp with a motion sensor"),
        _("A floodlight with a small white half-ball below it, as large as a walnut."),
        _("The half-ball is milky and feels warmth. If it is clear and dark inside, it is a dome."),
    ),
    Look(
        "air",
        _("Air or weather sensor"),
        _("A stack of white plates with gaps between them, so that the wind goes through."),
        _("It measures the air."),
    ),
    Look(
        "speaker",
        _("Loudspeaker"),
        _("A horn or a column behind a grille. A camera beside it may speak through it."),
        _("Alone it hears nothing. With a camera, say so in the note."),
    ),
)


@cached_page
def look_alikes(request: HttpRequest) -> HttpResponse:
    """Show what watches and what only looks like it."""
    context = {"section": "report", "watching": _WATCHING, "not_watching": _NOT_WATCHING}
    return render(request, "web/look_alikes.html", context)


urlpatterns: list[URLPattern] = [path("look-alikes/", look_alikes, name="look_alikes")]
plain_urlpatterns: list[URLPattern] = []
