"""The walk kit: choosing, sheets, pictures, the file for the phone, the form's door."""

import io
import re

import pytest
from PIL import Image

from geo.position import LonLat
from geo.tiles import tile_at, tile_bbox
from geo.walk_sheets import (
    bbox_of_sheets,
    parse_sheet_code,
    quarter_around,
    quarter_text,
    sheet_code,
    sheets_of,
)
from mapper.basemap.sheet_picture import MARGIN_PX, PICTURE_PX, SHEET_PX, sheet_view, streets_of
from mapper.sightings.sheet_numbers import numbered_devices
from tests.factories import LAT, LON, CityFactory, make_device, point
from tests.languages import add_language
from tests.mapper.basemap.conftest import built_town, town_map  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db

SHEET = tile_at(LonLat(LON, LAT), 16)
ONE = quarter_text(tile_bbox(SHEET))
FOUR = quarter_text(bbox_of_sheets(SHEET, type(SHEET)(16, SHEET.x + 1, SHEET.y + 1)))
KIT = f"/en/walk/kit/?bbox={FOUR}"


def is_cached(answer):
    return answer["Cache-Control"] == "max-age=60" and answer["ETag"] and not answer.cookies


# --- choosing -------------------------------------------------------------------------------------


def test_the_chooser_says_what_is_known_in_each_cell(client):
    city = CityFactory()
    make_device(location=point(-1.685, 48.115))
    make_device(location=point(-1.685, 48.115), seen_from="2020", seen_to="2020")
    answer = client.get(f"/en/walk/?city={city.slug}")
    assert answer.status_code == 200
    assert is_cached(answer)
    assert len(re.findall(r"walk/kit/\?bbox=", answer.text)) == 25
    assert "2 devices" in answer.text
    assert "1 not seen for two years" in answer.text


def test_every_cell_is_a_quarter_of_four_sheets(client):
    CityFactory()
    links = re.findall(r'href="(/en/walk/kit/\?bbox=[^"]+)"', client.get("/en/walk/").text)
    assert len(links) == 25
    for link in (links[0], links[12], links[24]):
        page = client.get(link.replace("&amp;", "&"))
        assert page.status_code == 200
        assert "<strong>4</strong> sheets" in page.text


def test_the_grid_moves_and_a_city_is_found_by_name_code_or_slug(client):
    city = CityFactory(name="Rennes", code="35238")
    CityFactory(name="Bruz", code="35047")
    pages = [client.get(f"/en/walk/?city={said}").text for said in ("rennes", "35238", city.slug)]
    assert all("Rennes</a>" in page for page in pages)
    north = re.search(r'walk-grid__north" href="(\?at=[^#"]+)', pages[0])[1].replace("&amp;", "&")
    moved = client.get(f"/en/walk/{north}")
    assert moved.status_code == 200
    assert moved.text.count("walk/kit/?bbox=") == 25
    assert f"city={city.slug}" in north


def test_a_city_that_is_not_known_is_said_and_the_page_still_serves(client):
    answer = client.get("/en/walk/?city=Atlantis")
    assert answer.status_code == 404
    assert "No city of this name or code" in answer.text
    assert 'value="Atlantis"' in answer.text


@pytest.mark.parametrize("at", ["x", "1/2/3", "99999/1", "-1/3", "1/40000"])
def test_a_damaged_place_of_the_grid_is_refused(client, at):
    assert client.get(f"/walk/?at={at}").status_code == 400


@pytest.mark.parametrize("at", ["0/0", "32767/32767"])
def test_the_grid_ends_where_the_map_ends(client, at):
    assert client.get(f"/walk/?at={at}").status_code == 200


def test_the_word_of_a_party_goes_along(client):
    city = CityFactory()
    page = client.get(f"/en/walk/?city={city.slug}&party=banana").text
    assert page.count("&amp;party=banana") > 25
    kit = client.get(f"{KIT}&party=banana").text
    assert 'class="code">banana<' in kit
    assert client.get("/en/walk/?party=<b>").status_code == 400


# --- sheets ---------------------------------------------------------------------------------------


def test_a_kit_has_its_sheets_devices_and_codes(client):
    device = make_device()
    make_device(location=point(LON, LAT + 1e-4), seen_from="2019", seen_to="2019")
    answer = client.get(KIT)
    assert answer.status_code == 200
    assert is_cached(answer)
    assert "<strong>4</strong> sheets, 820 m by 820 m." in answer.text
    assert "<strong>2</strong> devices to look at again" in answer.text
    assert "1 of them not seen for two years" in answer.text
    assert answer.text.count('class="walk-sheet"') == 4
    assert sheet_code(SHEET) in answer.text
    number = next(
        row.number for row in numbered_devices([SHEET])[SHEET] if row.device.id == device.id
    )
    assert f'<th scope="row" class="code">{number}</th>' in answer.text
    assert answer.text.index("Not seen for two years</th></tr>") < answer.text.index(
        "Seen within two years"
    )
    assert "Put no name on any sheet" in answer.text
    assert "style=" not in answer.text
    assert client.get(KIT, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_an_address_that_is_finer_than_a_quarter_needs_leads_to_the_coarse_one(client):
    answer = client.get("/walk/kit/?bbox=-1.681234567,48.111111111,-1.68,48.1123&party=banana")
    assert answer.status_code == 302
    assert answer["Location"] == ("/walk/kit/?bbox=-1.6812,48.1111,-1.6800,48.1123&party=banana")


@pytest.mark.parametrize(
    ("bbox", "says"),
    [
        ("", "four numbers"),
        ("nan,1,2,3", "decimal number"),
        ("-180,-85,180,85", "at most 16 are printed"),
        ("2,48,3,49", "at most 16 are printed"),
        ("179.999,1,-179.999,1.001", "antimeridian"),
        ("2,49,2.01,48", "not below north"),
    ],
)
@pytest.mark.parametrize("page", ["walk/kit/", "walk/kit/offline.html"])
def test_a_hostile_quarter_is_refused_with_a_reason(client, bbox, says, page):
    answer = client.get(f"/en/{page}?bbox={bbox}")
    assert answer.status_code == 400
    assert says in answer.text


def test_a_refused_quarter_is_told_in_french(client):
    assert "Quartier\xa0: il fait" in client.get("/walk/kit/?bbox=2,48,3,49").text


def test_a_kit_costs_the_same_with_many_devices(client, django_assert_max_num_queries):
    for step in range(30):
        make_device(location=point(LON + step * 1e-4, LAT))
    with django_assert_max_num_queries(3):
        assert client.get(KIT).status_code == 200


def test_the_qr_code_opens_the_form_of_its_sheet(client, monkeypatch, settings):
    made = []
    monkeypatch.setattr("mapper.web.walk.qr_of", lambda address: made.append(address) or "data:,")
    client.get(f"/en/walk/kit/?bbox={ONE}&party=banana")
    code = sheet_code(SHEET)
    assert made == [f"{settings.SITE_URL}/en/walk/notes/?sheet={code}&party=banana"]
    assert client.get(made[0].removeprefix(settings.SITE_URL)).status_code == 200


# --- pictures -------------------------------------------------------------------------------------


def test_a_sheet_is_a_picture_with_its_devices(client):
    address = f"/walk/sheets/{sheet_code(SHEET)}.png"
    empty = client.get(address)
    assert is_cached(empty)
    picture = Image.open(io.BytesIO(empty.content))
    assert picture.format == "PNG"
    assert picture.width == picture.height == PICTURE_PX * 1.5
    make_device()
    assert client.get(address).content != empty.content


@pytest.mark.parametrize("code", ["x", "AAAA-AAAB", "0" * 400, "%00"])
def test_a_code_of_no_sheet_has_no_picture(client, code):
    assert client.get(f"/walk/sheets/{code}.png").status_code == 400


def test_the_overview_is_as_wide_as_its_sheets(client):
    picture = Image.open(io.BytesIO(client.get(f"/walk/overview.png?bbox={FOUR}").content))
    assert picture.width == picture.height
    assert client.get("/walk/overview.png?bbox=2,48,3,49").status_code == 400


def test_a_kit_speaks_the_language_of_its_address(client, settings, tmp_path):
    add_language(settings, tmp_path)
    kit = client.get(f"/ar/walk/kit/?bbox={ONE}").text
    assert "/ar/walk/notes/</p>" in kit
    assert '<html lang="ar" dir="rtl">' in client.get(f"/ar/walk/kit/offline.html?bbox={ONE}").text
    for address in (f"/walk/sheets/{sheet_code(SHEET)}.png?", f"/walk/overview.png?bbox={ONE}&"):
        french, english, arabic = (
            client.get(f"{address}lang={code}").content for code in ("fr", "en", "ar")
        )
        # What Arabic does not say yet is said in English, on pictures too.
        assert arabic == english != french
        assert client.get(f"{address}lang=xx").content == french


def test_the_corners_of_a_sheet_are_the_corners_of_its_map():
    box = tile_bbox(SHEET)
    left, top = sheet_view(SHEET).pixel_of(LonLat(box.west, box.north))
    right, bottom = sheet_view(SHEET).pixel_of(LonLat(box.east, box.south))
    assert (left, top) == pytest.approx((MARGIN_PX, MARGIN_PX), abs=0.01)
    end = MARGIN_PX + SHEET_PX
    assert (right, bottom) == pytest.approx((end, end), abs=0.01)


def test_the_streets_of_a_sheet_are_named_where_there_is_a_base_map(town_map):  # noqa: F811
    town = sheets_of(quarter_around(LonLat(-1.694, 48.105), 4))
    by_sheet = [streets_of(sheet) for sheet in town]
    assert all(named == sorted(named, key=str.casefold) for named in by_sheet)
    assert {name for named in by_sheet for name in named} >= {"Rue de l'Exemple <&>"}
    assert streets_of(tile_at(LonLat(2, 48), 16)) == []


# --- the file for the phone -----------------------------------------------------------------------


def test_the_file_holds_all_of_it_and_no_address(client, town_map):  # noqa: F811
    make_device()
    answer = client.get(f"/en/walk/kit/offline.html?bbox={FOUR}&party=banana")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="contrechamp-')
    text = answer.text
    assert "<script" not in text
    assert "http:" not in text.replace("http://www.w3.org", "")
    assert "https:" not in text
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert all(one.startswith(("data:image/", "#")) for one in addresses)
    assert sum(one.startswith("data:image/") for one in addresses) == 5
    assert len(answer.content) < 2_000_000
    for letter in "ABCD":
        assert f'id="sheet-{letter}"' in text


def test_a_heavy_map_goes_into_the_file_as_pixels(client, monkeypatch):
    monkeypatch.setattr("mapper.web.walk_kit._MOST_SVG_BYTES", 1000)
    text = client.get(f"/en/walk/kit/offline.html?bbox={ONE}").text
    assert text.count("data:image/webp;base64,") == 2
    assert "image/svg+xml" not in text


# --- the door of the form -------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_form_asks_for_a_code_and_opens_its_sheet(client, prefix):
    asked = client.get(f"{prefix}/walk/notes/")
    assert asked.status_code == 200
    assert 'name="sheet"' in asked.text
    code = sheet_code(SHEET)
    opened = client.get(f"{prefix}/walk/notes/?sheet={code.lower()}")
    assert opened.status_code == 200
    assert opened["Cache-Control"] == "no-store"
    assert code in opened.text
    assert opened.text.count('name="ref-') == 10
    ids = re.findall(r'name="id-\d+" value="([^"]+)"', opened.text)
    assert len(set(ids)) == 10
    assert parse_sheet_code(code) == SHEET


def test_a_slip_in_the_code_is_said_beside_it(client):
    answer = client.get("/en/walk/notes/?sheet=J714-M7H1")
    assert answer.status_code == 400
    assert "is not one of ours" in answer.text
    assert 'value="J714-M7H1"' in answer.text


def test_organisers_find_the_kit(client):
    city = CityFactory()
    assert f"/en/walk/?city={city.slug}" in client.get(f"/en/cities/{city.slug}/").text


def test_a_moderator_finds_the_link_of_a_party(client, alice):
    from django.utils import timezone

    from mapper.trust.parties import open_party

    party = open_party(city=CityFactory(), opens_at=timezone.now(), hours=4, most=30)
    client.force_login(alice)
    page = client.get("/en/moderation/trust/").text
    assert f"/en/walk/?city={party.city.slug}&amp;party={party.word}" in page
