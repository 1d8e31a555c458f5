"""The drawn map: what is on it, in which colours, with and without a ground."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from geo.position import LonLat
from mapper.basemap.ground import COLOURS, Name
from mapper.basemap.labels import draw_labels
from mapper.basemap.picture import Content, draw_png, draw_svg
from mapper.basemap.signs import WATCH, Cluster, Marker
from mapper.basemap.view import MapView
from mapper.sightings.vocabulary import Kind
from tests.conftest import REPOSITORY

TOWN_VIEW = MapView(LonLat(-1.694, 48.105), 15, 400, 400)
BARE_VIEW = MapView(LonLat(2, 48), 17, 320, 240)


def pixels(content, view=BARE_VIEW):
    return Image.open(io.BytesIO(draw_png(view, content))).convert("RGB")


def hex_at(picture, x, y):
    return "#{:02x}{:02x}{:02x}".format(*picture.getpixel((x, y)))


def test_a_picture_is_a_png_of_its_size():
    picture = Image.open(io.BytesIO(draw_png(BARE_VIEW, Content())))
    assert (picture.format, picture.size) == ("PNG", (320, 240))
    assert picture.info.keys() <= {"dpi"}


def test_without_a_base_map_the_ground_is_a_grid_that_says_so():
    drawn = draw_svg(BARE_VIEW, Content())
    assert "OpenStreetMap" in drawn
    assert len(re.findall(r"M\d+ 0V240", drawn)) == 4
    words = [e.text for e in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert len(words) == 3


def test_the_letters_are_drawn():
    # The credit in the corner: ink on paper.
    corner = pixels(Content()).crop((220, 222, 320, 240))
    assert (27, 26, 23) in {colour for _, colour in corner.getcolors(2000)}


def test_the_base_map_is_drawn_in_the_paper_tones(town_map):
    picture = pixels(Content(), TOWN_VIEW)
    seen = {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in picture.getcolors(10_000)}
    assert {COLOURS["ground"], COLOURS["green"], COLOURS["road"]} <= seen
    x, y = map(int, TOWN_VIEW.pixel_of(LonLat(-1.6955, 48.1045)))
    assert hex_at(picture, x, y) == COLOURS["green"]
    hole_x, hole_y = map(int, TOWN_VIEW.pixel_of(LonLat(-1.694, 48.106)))
    assert hex_at(picture, hole_x, hole_y) == COLOURS["ground"]


def test_outside_the_base_map_the_ground_is_plain(town_map):
    assert "M64 0V240" in draw_svg(BARE_VIEW, Content())
    assert "M64 0V" not in draw_svg(TOWN_VIEW, Content())


def test_a_damaged_base_map_is_as_none(town_map, caplog):
    town_map.write_bytes(b"PMTiles\x03" + b"\xff" * 4000)
    assert "M64 0V400" in draw_svg(TOWN_VIEW, Content())
    assert str(town_map) not in caplog.text


def test_a_new_base_map_is_seen_at_once(town_map):
    assert "M64 0V" not in draw_svg(TOWN_VIEW, Content())
    town_map.unlink()
    assert "M64 0V400" in draw_svg(TOWN_VIEW, Content())


def test_a_device_stands_on_its_place_as_red_as_on_the_pages():
    picture = pixels(Content([Marker(BARE_VIEW.center, "guard", state="verified")]))
    seen = {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in picture.getcolors(10_000)}
    assert WATCH in seen
    assert hex_at(picture, 160, 127) == WATCH


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("state", ["verified", "osm_only", "declared", "removed", "planned"])
def test_every_kind_has_a_sign_in_every_state(kind, state):
    drawn = draw_svg(BARE_VIEW, Content([Marker(BARE_VIEW.center, kind, state=state)]))
    assert 'class="' not in drawn
    assert drawn.count("<svg") == 1
    ET.fromstring(drawn)


def test_cones_are_drawn_only_when_near():
    marker = Marker(LonLat(2, 48), "camera", arcs=[{"from": 90, "to": 90}])
    far = MapView(LonLat(2, 48), 14, 320, 240)
    assert 'fill-opacity="0.18"' in draw_svg(BARE_VIEW, Content([marker]))
    assert 'fill-opacity="0.18"' not in draw_svg(far, Content([marker]))
    # To the east of the device, and not to the west.
    picture = pixels(Content([marker]))
    assert hex_at(picture, 178, 120) != hex_at(picture, 142, 120)


def test_an_odd_arc_or_a_pole_draws_no_cone_and_no_error():
    odd = Marker(LonLat(2, 48), "camera", arcs=[{"from": 900, "to": 1}, {}])
    polar = Marker(LonLat(2, 90), "camera", arcs=[{"from": 0, "to": 90}])
    assert 'fill-opacity="0.18"' not in draw_svg(BARE_VIEW, Content([odd, polar]))


def test_a_cluster_grows_with_the_logarithm_of_its_count():
    few, many = (
        float(re.search(r'r="([\d.]+)" fill="#fbfaf7" stroke', draw_svg(
            BARE_VIEW, Content(clusters=[Cluster(BARE_VIEW.center, count)])))[1])
        for count in (2, 20_000)
    )  # fmt: skip
    assert few < many < 3 * few


def test_the_pin_points_at_its_place():
    picture = pixels(Content(pin=BARE_VIEW.center))
    assert hex_at(picture, 160, 112) == "#1b1a17"


def test_names_of_strangers_are_text_and_nothing_else():
    line = ((20.0, 200.0), (380.0, 200.0))
    hostile = Name("road", "primary", '<script>&"\x07\u202e', line)
    drawn = draw_labels(TOWN_VIEW, [hostile])
    assert "&lt;script&gt;&amp;" in drawn
    ET.fromstring(f"<g>{drawn}</g>")


def test_a_name_needs_room():
    short = Name("road", "primary", "Rue de la République", ((20.0, 200.0), (60.0, 200.0)))
    assert draw_labels(TOWN_VIEW, [short]) == ""


def test_no_name_stands_over_another():
    lines = [((20.0, y), (380.0, y)) for y in (200.0, 203.0, 240.0)]
    names = [Name("road", "primary", f"Rue {i}", line) for i, line in enumerate(lines)]
    assert draw_labels(TOWN_VIEW, names).count("<text") == 2


def test_the_colours_are_those_of_the_pages():
    tokens = (REPOSITORY / "frontend" / "src" / "ui" / "tokens.css").read_text(encoding="utf-8")
    light = tokens.partition("@media")[0]
    said = dict(re.findall(r"--map-([\w-]+):\s*(#[0-9a-f]{6})", light))
    assert said == COLOURS
    assert re.search(r"--watch:\s*(#\w+)", light)[1] == WATCH
