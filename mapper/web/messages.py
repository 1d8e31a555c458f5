"""The words that scripts show, in the language of the page.

A script's English text is the key (`frontend/src/i18n/messages.ts`); a test of the front end holds
this list equal to what its sources say.
"""

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext, gettext_noop, ngettext

from mapper.languages import SOURCE, plural_table

_TEXTS = (
    gettext_noop("The point; move it with the arrow keys"),
    gettext_noop("{count}k"),
    gettext_noop("Map of devices"),
    gettext_noop("Zoom in"),
    gettext_noop("Zoom out"),
    gettext_noop("© OpenStreetMap contributors"),
    gettext_noop("No base map is installed here: devices stand on a plain ground."),
    gettext_noop("The base map did not load: devices stand on a plain ground."),
    gettext_noop("Skip the map"),
    gettext_noop("A part did not load."),
    gettext_noop("Try again"),
    gettext_noop("This browser can't tell where you are."),
    gettext_noop("Your position was not shared. Move the map by hand."),
    gettext_noop("No position was found. Move the map by hand."),
    gettext_noop("Show where I am"),
    gettext_noop("See the evidence"),
    gettext_noop("See the event"),
    gettext_noop("Car park under surveillance"),
    gettext_noop("Speed is checked here"),
    gettext_noop("Average speed is checked here"),
    gettext_noop("Red lights are checked here"),
    gettext_noop("Traffic rules are checked here"),
    gettext_noop("Limit: {value}"),
    gettext_noop("On OpenStreetMap"),
    gettext_noop("Zoom in to see them."),
    gettext_noop("Dome camera"),
    gettext_noop("Pan-tilt camera"),
    gettext_noop("Fixed camera"),
    gettext_noop("Camera"),
    gettext_noop("Plate reader"),
    gettext_noop("Acoustic sensor"),
    gettext_noop("Drone base"),
    gettext_noop("Guard"),
    gettext_noop("Sensor"),
    gettext_noop("Speed camera"),
    gettext_noop("Other device"),
    gettext_noop("Device of unknown kind"),
    gettext_noop("Drone flight"),
    gettext_noop("Mobile unit"),
    gettext_noop("Camera trailer"),
    gettext_noop("Surveillance event"),
    gettext_noop("north"),
    gettext_noop("north-east"),
    gettext_noop("east"),
    gettext_noop("south-east"),
    gettext_noop("south"),
    gettext_noop("south-west"),
    gettext_noop("west"),
    gettext_noop("north-west"),
    gettext_noop("looks {winds}"),
    gettext_noop("removed"),
    gettext_noop("out of use"),
    gettext_noop("planned"),
    gettext_noop("verified on the spot"),
    gettext_noop("from OpenStreetMap only"),
    gettext_noop("on paper only"),
    gettext_noop("not verified"),
    gettext_noop("{state}, last seen {date}"),
    gettext_noop("Nothing recorded in this view."),
    gettext_noop("Zoom in to see them one by one."),
    gettext_noop("Enlarge: {photo}"),
    gettext_noop("The photo without its boxes"),
    gettext_noop("Crop: {left} % from the left, {top} % from the top, {across} by {down} %"),
    gettext_noop("Box {n}: {left} % from the left, {top} % from the top, {across} by {down} %"),
    gettext_noop("photo"),
    gettext_noop("Close"),
    gettext_noop("Map: the reported place, the photo's place, the neighbours"),
    gettext_noop("Where the photo was taken"),
    gettext_noop("Moved {metres} m from the report."),
    gettext_noop("No answer from the server. Load the page again before you go on."),
    gettext_noop("Accepting publishes no photo: first tick all checks of one that may be shown."),
    gettext_noop("Accepting publishes every photo of this report."),
    gettext_noop("Accepting publishes {passed} of {count} photos; the rest is kept back."),
    gettext_noop("The boxes were not saved: {why}"),
    gettext_noop("The boxes are not saved yet: it is tried again, and a decision takes them too."),
    gettext_noop("The device; move it with the arrow keys"),
    gettext_noop("all round"),
    gettext_noop("{name} is no photo we can read. Choose a JPEG, PNG, WebP or HEIC."),
    gettext_noop("Remove"),
    gettext_noop("Remove {name}"),
    gettext_noop(
        "The pin stands where you are, to {metres} m. Move the map until it stands on the device."
    ),
    gettext_noop(
        "Your phone knows its place to {metres} m only, too coarse for a pin. Move the map."
    ),
    gettext_noop("Place chosen. Move the map to change it."),
    gettext_noop("Zoom in until you see the street, then place the pin."),
    gettext_noop("Looking for your position…"),
    gettext_noop("Find where I am"),
    gettext_noop("Place the pin here"),
    gettext_noop("This is not the id of a device."),
    gettext_noop("This direction is not understood; write degrees like 90, or a wind like NE."),
    gettext_noop("This date can't be; write the day of the walk like 2026-05-12, or 2026-05."),
    gettext_noop("This is longer than {most} characters; shorten it."),
    gettext_noop("A report takes at most {most} photos."),
    gettext_noop("Nothing waits on this phone."),
    gettext_noop("To be mended"),
    gettext_noop("Sending"),
    gettext_noop("Waiting"),
    gettext_noop("Delete"),
    gettext_noop("Delete for good?"),
    gettext_noop("Sent"),
    gettext_noop("Nothing waits to be sent."),
    gettext_noop("Add a direction: another head on this pole"),
    gettext_noop("Add a photo from further off"),
    gettext_noop("Back"),
    gettext_noop("Estimated direction: {wind}. Right?"),
    gettext_noop("It is this one: I confirm that it is there"),
    gettext_noop("Move the map until the pin stands on the device."),
    gettext_noop("Send"),
    gettext_noop(
        "The pin stands where the photo was taken. Move the map until it stands on the device."
    ),
    gettext_noop("You confirm a known device."),
    gettext_noop("{name} has more than {most}. Choose a smaller copy."),
    gettext_noop("Photo"),
    gettext_noop(
        "This phone has no room to keep the report: wait here for a network, then send it."
    ),
    gettext_noop("Which way does it look?"),
    gettext_noop("Or in degrees"),
    gettext_noop("Sending. Keep this page open."),
    gettext_noop("Found in the file, and not in any copy we publish:"),
    gettext_noop("Take a photo"),
    gettext_noop("You reported this a moment ago"),
    gettext_noop("Report the next one"),
    gettext_noop("Still there"),
    gettext_noop("Gone"),
    gettext_noop("{count} sheets are too many, {most} at most. Choose a smaller quarter."),
    gettext_noop("No quarter chosen yet."),
    gettext_noop("Map: choose the sheets of the quarter"),
    gettext_noop("No device of this sheet has this number."),
    gettext_noop("Last answers"),
    gettext_noop("Map of the sheet: arrow keys move the cross, Enter writes its place"),
    gettext_noop("Row {number}: {place}"),
    gettext_noop("it can't be read any more; choose it again"),
    gettext_noop("Taken"),
    gettext_noop("Taken before"),
    gettext_noop("Left out"),
    gettext_noop("it has more than 20 MB; make it smaller"),
    gettext_noop("The earlier report is no report of an import; choose the file that it wrote."),
    gettext_noop("{taken} taken, {known} taken before, {refused} not taken."),
    gettext_noop("You are signed out. Sign in in another window, then go on here."),
    gettext_noop(
        "No answer from the server. What was taken is safe: go on when the network is back."
    ),
)
# With a count: as many forms as the language has.
_COUNTED: tuple[Callable[[int], str], ...] = (
    lambda n: ngettext(
        "and {count} more, further from the middle.",
        "and {count} more, further from the middle.",
        n,
    ),
    lambda n: ngettext("{count} shown.", "{count} shown.", n),
    lambda n: ngettext("{count} device here", "{count} devices here", n),
    lambda n: ngettext("{count} device, zoom in", "{count} devices, zoom in", n),
    lambda n: ngettext("{count} device in view.", "{count} devices in view.", n),
    lambda n: ngettext("{count} event in view.", "{count} events in view.", n),
    lambda n: ngettext(
        "{count} report waits on this phone", "{count} reports wait on this phone", n
    ),
    lambda n: ngettext("Report with {count} photo", "Report with {count} photos", n),
    lambda n: ngettext(
        "{count} photo of a report that was sent", "{count} photos of a report that was sent", n
    ),
    lambda n: ngettext(
        "{count} report that was not sent will be lost.",
        "{count} reports that were not sent will be lost.",
        n,
    ),
    lambda n: ngettext("{count} photo", "{count} photos", n),
    lambda n: ngettext(
        "{count} sheet, {across} m by {down} m.", "{count} sheets, {across} m by {down} m.", n
    ),
    lambda n: ngettext("They made {count} report.", "They made {count} reports.", n),
    lambda n: ngettext("{count} photo waits.", "{count} photos wait.", n),
)


def catalogue() -> dict[str, str | list[str]]:
    """Return the English text -> its translation, or its forms; under "" which form a count has."""
    with translation.override(SOURCE):
        keys = [counted(1) for counted in _COUNTED]
    table = plural_table(translation.get_language() or SOURCE)
    samples = [max(table.find(str(form)), 0) for form in range(int(max(table)) + 1)]
    forms = [[counted(number) for number in samples] for counted in _COUNTED]
    texts: dict[str, str | list[str]] = {text: gettext(text) for text in _TEXTS}
    return {"": table, **texts, **dict(zip(keys, forms, strict=True))}
