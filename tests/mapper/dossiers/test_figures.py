"""The figures of a city: what is counted, what is not, and the sentence that says it."""

import datetime
import uuid

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from geo.position import LonLat
from mapper.documents.actions import cite
from mapper.dossiers import figures as counting
from mapper.dossiers.figures import Figures, Group, city_figures, figures_by_city, figures_of
from mapper.dossiers.sentences import date_in_words, headline
from mapper.places.models import City
from mapper.sightings.actions import attach_claim
from tests.evidence import make_city, make_claim, make_device, make_document

DAY = datetime.date(2026, 11, 24)


@pytest.fixture
def rennes(db):
    """Return a city with one device of each sort."""
    city = make_city()
    make_device(attributes={"kind": "camera", "operator_type": "public"})
    make_device(attributes={"kind": "alpr", "operator_type": "government"}, seen_to="2026-04")
    make_device(seen_from="2020-01", seen_to="2020-01")
    for survey in ("2018", "2021-05-02", "2024"):
        make_device(source="osm", seen_to=survey, attributes={"operator_type": "private"})
    make_device(source="osm", seen_from="2015")
    make_device(is_verified=False)
    make_device(attributes={"kind": "speed_camera"})
    make_device(attributes={"kind": "camera", "status": "planned"})
    make_device(presence="gone")
    document = make_document(["Une caméra place de la Mairie"], dated_on="2026")
    cite(document=document, page=1, quote="Une caméra", location=LonLat(-1.65, 48.15))
    make_device(lon=3)
    return city


def test_each_device_is_counted_by_how_sure_we_are(rennes):
    figures = city_figures(city=rennes, day=DAY)
    assert (figures.verified_recent, figures.verified_earlier) == (2, 1)
    assert (figures.osm_only, figures.osm_survey_year, figures.osm_without_year) == (4, 2021, 1)
    assert (figures.declared, figures.removed, figures.speed_cameras) == (1, 1, 1)
    assert figures.standing == 7
    assert (
        figures.by_kind == [["camera", 4], ["unknown", 2], ["alpr", 1]]
        or sum(count for _kind, count in figures.by_kind) == 7
    )
    assert figures.by_operator_type == [["private", 3], ["public", 2], ["unknown", 2]]
    assert figures.by_status == [["active", 8], ["planned", 1], ["removed", 1]]
    assert figures.per_km2 == 0.14
    assert figures.per_1000_inhabitants == 0.03


def test_a_paper_of_today_does_not_make_an_old_sighting_recent(rennes):
    old = make_device(seen_from="2019-01", seen_to="2019-01")
    before = city_figures(city=rennes, day=DAY)
    document = make_document(["La caméra est louée"])
    cite(document=document, page=1, quote="La caméra", device=old, seen_to="2026-11-01")
    after = city_figures(city=rennes, day=DAY)
    assert after.verified_recent == before.verified_recent
    assert after.verified_earlier == before.verified_earlier


def test_a_second_source_does_not_count_a_device_twice(rennes):
    before = city_figures(city=rennes, day=DAY)
    device = make_device()
    claim = make_claim(source="osm", seen_to="2020")
    attach_claim(claim=claim, device=device, decision=uuid.uuid4())
    after = city_figures(city=rennes, day=DAY)
    assert (after.verified_recent, after.osm_only) == (before.verified_recent + 1, 4)


def test_figures_cost_one_query(rennes, django_assert_num_queries):
    with django_assert_num_queries(1):
        alone = city_figures(city=rennes, day=DAY)
    with django_assert_num_queries(2):
        assert figures_by_city(day=DAY) == {rennes.id: alone}


@pytest.mark.django_db
@pytest.mark.parametrize("population", [None, 0])
def test_without_inhabitants_there_is_no_figure_for_them(population):
    city = make_city(population=population)
    make_device()
    assert city_figures(city=city, day=DAY).per_1000_inhabitants is None


@pytest.mark.django_db
def test_a_city_of_which_nothing_is_known_says_so():
    figures = city_figures(city=make_city(), day=DAY)
    assert figures.known == 0
    assert figures.per_km2 is None
    with translation.override("en"):
        assert headline(figures) == "Rennes: no device is known yet."


def sentence(**changes):
    kept = {
        "day": "2026-11-24",
        "name": "Rennes",
        "population": None,
        "area_km2": 50.0,
        "recent_since": "2024-11",
    }
    with translation.override("en"):
        return headline(Figures(**(kept | changes)))


def test_the_headline_says_each_number_once_in_the_right_number():
    assert sentence(
        verified_recent=1284, verified_earlier=3, osm_only=972, osm_survey_year=2021, declared=52
    ) == (
        "Rennes: <strong>1,284</strong> devices verified on the spot since November 2024, "
        "<strong>3</strong> verified earlier, <strong>972</strong> known from OpenStreetMap only "
        "(median survey year 2021) and <strong>52</strong> on paper only."
    )
    assert sentence(verified_recent=1) == (
        "Rennes: <strong>1</strong> device verified on the spot since November 2024."
    )
    assert sentence(osm_only=1) == (
        "Rennes: no device verified on the spot since November 2024 and <strong>1</strong> "
        "known from OpenStreetMap only (survey date unknown)."
    )


def test_the_headline_escapes_a_city_name():
    assert "<script>" not in sentence(name="<script>alert(1)</script>", declared=1)


@pytest.mark.parametrize(
    ("date", "words"),
    [("2024", "2024"), ("2024-05", "May 2024"), ("2024-05-12", "12 May 2024"), ("soon", "soon")],
)
def test_dates_are_said_as_far_as_they_are_known(date, words):
    with translation.override("en"):
        assert date_in_words(date) == words


groups = st.builds(
    Group,
    city_id=st.just(1),
    kind=st.sampled_from(["camera", "alpr", "unknown", "speed_camera"]),
    operator_type=st.sampled_from(["", "unknown", "public", "government", "private", "school"]),
    status=st.sampled_from(["planned", "active", "disused", "removed"]),
    verification=st.sampled_from(["verified", "osm_only", "declared"]),
    verified_in=st.sampled_from(["", "2010", "2024-11", "2026-11"]),
    surveyed_in=st.sampled_from(["", "2010", "2024"]),
    first_year=st.sampled_from(["", "1999", "2024"]),
    changed_on=st.just(DAY),
    devices=st.integers(1, 50),
)


@given(st.lists(groups, max_size=20), st.sampled_from([None, 0, 1, 1000]))
def test_the_figures_add_up(listed, population):
    city = City(name="Rennes", population=population, area_km2=10.0)
    figures = figures_of(city, listed, day=DAY)
    tables = (figures.by_kind, figures.by_operator_type)
    assert all(sum(count for _, count in table) == figures.standing for table in tables)
    assert sum(n for _, n in figures.by_year) + figures.without_year == figures.standing
    counted = sum(group.devices for group in listed if group.kind != "speed_camera")
    assert sum(count for _, count in figures.by_status) == counted
    assert figures.known <= counted
    assert Figures.from_dict(figures.as_dict()) == figures
    assert (figures.osm_survey_year is None) == (figures.osm_without_year == figures.osm_only)
    with translation.override("fr"):
        assert headline(figures).startswith("Rennes")


@given(st.dates(datetime.date(1, 12, 31), datetime.date(9999, 1, 1)), st.integers(0, 11))
def test_months_are_counted_back(day, months):
    before = counting.months_before(day, months)
    year, month = map(int, before.split("-"))
    assert (day.year - year) * 12 + day.month - month == months
