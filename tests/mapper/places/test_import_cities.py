"""import_cities and import_excluded: what is taken, repaired, refused, and left alone."""

import gzip
import json

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.position import LonLat
from mapper.errors import BadInput, CommandFailure
from mapper.places.models import City, ExcludedArea
from mapper.places.reading import AreaRecord, read_areas
from mapper.sightings.models import Device
from tests.evidence import make_device

pytestmark = pytest.mark.django_db


def square(west, south, side=1.0):
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def feature(code="35238", nom="Rennes", geometry=None, **more):
    properties = {"code": code, "nom": nom} | more
    return {"type": "Feature", "properties": properties, "geometry": geometry or square(0, 0)}


@pytest.fixture
def write(tmp_path):
    def written(*features, name="cities.geojson"):
        path = tmp_path / name
        text = json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()
        path.write_bytes(gzip.compress(text, mtime=0) if name.endswith(".gz") else text)
        return path

    return written


@pytest.fixture
def run(capsys):
    def ran(path, command="import_cities"):
        call_command(command, str(path))
        return capsys.readouterr().out

    return ran


def refusal(path, capsys, command="import_cities", code=2):
    with pytest.raises(CommandFailure) as raised:
        call_command(command, str(path))
    assert raised.value.returncode == code
    assert "\n" not in str(raised.value)
    said = capsys.readouterr()
    return str(raised.value) + said.out + said.err


def rows(table="places_city"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, t.*::text FROM {table} AS t ORDER BY id")
        return cursor.fetchall()


def test_a_commune_becomes_a_city(run, write):
    said = run(write(feature(population=220_488, geometry=square(-1.7, 48.1, 0.1))))
    assert "1 added" in said
    city = City.objects.get()
    assert (city.country, city.code, city.name) == ("FR", "35238", "Rennes")
    assert city.slug == "rennes-35238"
    assert city.population == 220_488
    # A tenth of a degree each way at 48 north, on the ellipsoid.
    assert city.area_km2 == pytest.approx(82.8, rel=0.01)
    assert city.boundary.geom_type == "MultiPolygon"


def test_name_and_country_may_be_given_and_gzip_is_read(run, write):
    given_names = {"properties": {"code": "21004", "name": "Bruxelles-Ville", "country": "BE"}}
    run(write({"type": "Feature", "geometry": square(4, 50), **given_names}, name="c.geojson.gz"))
    assert (City.objects.get().country, City.objects.get().slug) == ("BE", "bruxelles-ville-21004")


def test_importing_twice_changes_no_row(run, write):
    path = write(feature(), feature("22278", "Saint-Brieuc", BOW_TIE))
    run(path)
    before = rows()
    assert "0 added, 0 changed, 2 unchanged, 1 repaired" in run(path)
    assert rows() == before


def test_a_new_name_and_boundary_update_the_same_city(run, write):
    run(write(feature(population=5)))
    known = City.objects.get()
    said = run(write(feature(nom="Rennes Métropole", geometry=square(0, 0, 2))))
    assert "0 added, 1 changed" in said
    changed = City.objects.get()
    assert (changed.id, changed.slug) == (known.id, "rennes-metropole-35238")
    assert changed.area_km2 > 3 * known.area_km2
    assert changed.population == 5


def test_an_invalid_ring_is_repaired_and_named(run, write):
    said = run(write(feature(geometry=BOW_TIE)))
    assert "1 repaired" in said
    assert "repaired: 35238 Rennes" in said
    assert City.objects.get().boundary.valid


def test_what_can_not_be_taken_is_named_and_the_others_are(write, capsys):
    path = write(
        feature(),
        feature("2", "Sans carte", {"type": "Point", "coordinates": [0, 0]}),
        feature("3", "Lambert", square(652_000, 6_862_000)),
        feature("4", "Inversée", square(3, 95)),
        feature("5", "Vide", {"type": "Polygon", "coordinates": []}),
        feature("6 ; DROP", "Code"),
        feature(None, "Sans code"),
        feature("8", None),
        feature("9", "x" * 201),
        feature("10", "Pays", country="France"),
        feature("11", "Habitants", population=-1),
        feature("12", "Habitants", population="beaucoup"),
        feature("13", "Habitants", population=1e300),
        feature("35238", "Deux fois"),
        "not a feature",
        {"type": "Feature"},
    )
    said = refusal(path, capsys, code=1)
    assert "15 features were refused" in said
    assert "EPSG:4326" in said
    for name in ("2 Sans carte", "3 Lambert", "4 Inversée", "Sans code", "35238 Deux fois"):
        assert f"refused: {name}" in said
    assert "refused: feature 15" in said
    assert [city.code for city in City.objects.all()] == ["35238"]


def test_two_cities_never_share_an_address(run, write, capsys):
    run(write(feature("100", "Saint-Martin")))
    path = write(feature("100", "Saint-Martin", country="BE"), feature("2A", "Ajaccio"),
                 feature("2a", "Ajaccio"))  # fmt: skip
    said = refusal(path, capsys, code=1)
    assert "2 features were refused" in said
    assert City.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b""),
        ("a.geojson", b"{"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Feature"'),
        ("a.geojson", b'{"features": [{}]}'),
        ("a.geojson", b"<kml/>"),
        ("a.geojson", b"\xff\xfe\x00"),
        ("a.geojson.gz", b"no gzip"),
        ("a.geojson.gz", gzip.compress(b'{"features": []}', mtime=0)[:-4]),
    ],
)
def test_an_unreadable_file_is_one_line_and_exit_2(tmp_path, capsys, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    refusal(path, capsys)
    assert not City.objects.exists()


def test_a_file_cut_off_takes_nothing(tmp_path, write, capsys):
    whole = write(*(feature(str(code), f"Ville {code}") for code in range(1, 200))).read_bytes()
    path = tmp_path / "cut.geojson"
    path.write_bytes(whole[:-30])
    refusal(path, capsys)
    assert not City.objects.exists()


def test_a_missing_file_is_refused(tmp_path, capsys):
    assert "no such file" in refusal(tmp_path / "none.geojson", capsys)


def test_devices_that_are_there_already_are_placed(run, write):
    device = make_device(lon=0.5, lat=0.5)
    outside = make_device(lon=5.5, lat=0.5)
    assert "1 devices and events placed" in run(write(feature()))
    device.refresh_from_db()
    outside.refresh_from_db()
    assert device.city.code == "35238"
    assert outside.city is None


def test_a_border_point_goes_to_the_smallest_code(run, write):
    device = make_device(lon=1.0, lat=0.5)
    run(write(feature("20", "Est", square(1, 0)), feature("10", "Ouest", square(0, 0))))
    device.refresh_from_db()
    assert device.city.code == "10"
    assert City.objects.covering(LonLat(1.0, 0.5)).code == "10"


def test_a_boundary_that_moves_lets_its_devices_go(run, write):
    device = make_device(lon=0.5, lat=0.5)
    run(write(feature()))
    run(write(feature(geometry=square(2, 2))))
    device.refresh_from_db()
    assert device.city is None


def test_excluded_areas_are_taken_and_refuse_a_place(run, write):
    path = write(feature("camp-1", "Terrain militaire"))
    assert "1 added" in run(path, "import_excluded")
    assert "1 unchanged" in run(path, "import_excluded")
    assert ExcludedArea.objects.cover(LonLat(0.5, 0.5))
    assert not ExcludedArea.objects.cover(LonLat(1.5, 0.5))
    assert not City.objects.exists()


def test_excluded_areas_refuse_what_is_no_area(write, capsys):
    path = write(feature("x", "Point", {"type": "Point", "coordinates": [0, 0]}))
    assert "not an area" in refusal(path, capsys, "import_excluded")


# --- any input ------------------------------------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-200, 200)
    | st.floats(allow_nan=False)
    | st.text("aé\0"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "code", "nom", "properties", "geometry", "coordinates"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(features=st.lists(anything, min_size=1, max_size=4))
def test_any_json_is_read_or_refused_in_words(features, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "any.geojson"
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    try:
        found = list(read_areas(path, max_code=16, title="x"))
    except BadInput as refused:
        assert str(refused)  # noqa: PT017 - a refusal is fine, a traceback is not
    else:
        assert len(found) == len(features)


# --- real files, where they are -------------------------------------------------------------------


def test_a_department_of_france_is_taken_whole(run, shared_data):
    path = shared_data / "france" / "communes_ign_2018" / "communes-14-calvados.geojson.gz"
    said = run(path)
    assert "537 added" in said
    assert "repaired: 14174" in said
    assert "537 unchanged" in run(path)


def test_odd_files_of_others_are_read_or_refused_in_words(shared_data):
    folder = shared_data / "hostile"
    paths = [path for path in folder.glob("geojson_*/**/*") if path.is_file()]
    assert paths
    for path in paths:
        try:
            list(read_areas(path, max_code=16, title="x"))
        except BadInput as refused:
            assert str(path) in str(refused)  # noqa: PT017 - both outcomes are fine


def communes(paths):
    """Return how many communes files hold that can be taken, and the refused."""
    records = [record for path in paths for record in read_areas(path, max_code=16, title="x")]
    refused = [record for record in records if not isinstance(record, AreaRecord)]
    return len(records) - len(refused), refused


def test_some_departments_of_france_are_taken_whole(shared_data):
    folder = shared_data / "france" / "communes_ign_2018"
    taken, refused = communes([*folder.glob("communes-2A-*.gz"), *folder.glob("communes-97*.gz")])
    assert taken > 150
    assert refused == []


@pytest.mark.trial
def test_all_communes_of_france_are_taken(shared_data):
    folder = shared_data / "france" / "communes_ign_2018"
    assert communes(sorted(folder.glob("*.gz"))) == (35_357, [])


def test_a_device_on_no_city_has_none():
    assert City.objects.covering(LonLat(0, 0)) is None
    assert Device.objects.filter(location=Point(0, 0, srid=4326)).count() == 0
