"""The list of cities, a dossier, and its dated figures."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from geo.position import LonLat
from mapper.documents.actions import cite, withdraw_document
from mapper.dossiers.actions import add_link, add_statement, introduce, snapshot_city
from mapper.sightings.models import Event
from tests.evidence import make_city, make_device, make_document

pytestmark = pytest.mark.django_db
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def rennes():
    """Return a city with everything a dossier can hold."""
    city = make_city(notice="Pas une commune.")
    for kind in ("camera", "alpr", "camera"):
        make_device(
            attributes={
                "kind": kind,
                "camera_type": "dome",
                "mount": "wall",
                "directions": [{"from": 45, "to": 45}],
            }
        )
    make_device(source="osm", seen_to="2021")
    make_device(is_verified=False, attributes={"kind": "guard"})
    document = make_document(
        ["Le conseil vote", "douze caméras"], cities=[city], title="Délibération 12"
    )
    citation = cite(document=document, page=2, quote="douze caméras", location=LonLat(-1.65, 48.15))
    add_statement(city=city, text="Le conseil a voté **douze** caméras.", citations=[citation])
    introduce(city=city, text="Une *introduction*.")
    add_link(city=city, kind="forum", title="Le sujet", url="https://forum.example/t/1")
    Event.objects.create(
        kind="drone_flight",
        location="SRID=4326;POINT(-1.65 48.15)",
        starts_at=timezone.now() - datetime.timedelta(days=9),
        ends_at=timezone.now() - datetime.timedelta(days=9),
        verification="verified",
        city=city,
        updated_on=timezone.now().date(),
    )
    return city


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_dossier_shows_all_that_is_known(client, rennes, prefix):
    answer = client.get(f"{prefix}/cities/rennes-35238/")
    assert answer.status_code == 200
    for words in (
        "Pas une commune.",
        "<strong>3</strong>",
        "<strong>douze</strong>",
        "<em>introduction</em>",
        "douze caméras",
        f"{prefix}/documents/deliberation-12/?page=2#page=2",
        "https://forum.example/t/1",
        'rel="nofollow noopener"',
        "/data/cities/rennes-35238/devices.geojson",
        "/data/cities/rennes-35238/devices.csv",
        "bbox=-1.7,48.1,-1.6,48.2&amp;width=720",
        'data-query="city=rennes-35238"',
        f"{prefix}/events/",
    ):
        assert words in answer.text, words
    # What editors write is French, on an English page too; a document says its own language.
    for words in (
        'lang="fr">Pas une commune.',
        '<div lang="fr"><p>Le conseil',
        'class="introduction" lang="fr"',
        '<q lang="fr">douze caméras',
        'lang="fr">Délibération 12<',
    ):
        assert words in answer.text, words
    assert not answer.cookies
    assert answer["Cache-Control"] == "max-age=60"
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]
    again = client.get(f"{prefix}/cities/rennes-35238/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_devices_are_told_in_sentences(client, rennes):
    text = client.get("/en/cities/rennes-35238/").text
    assert "Dome camera, on a wall, looks north-east, last seen May 2026." in text
    assert text.count("/en/devices/") == 6  # five devices and the map's pattern
    assert ">Guard" not in text


def test_what_nobody_has_checked_is_in_no_figure(client, rennes):
    text = client.get("/en/cities/rennes-35238/").text
    assert "Rennes: <strong>3</strong> devices verified on the spot" in text
    assert "<strong>1</strong> known from OpenStreetMap only (surveyed in 2021)" in text
    assert "<strong>1</strong> on paper only." in text


def test_the_page_works_without_style_or_script_in_it(client, rennes):
    text = client.get("/cities/rennes-35238/").text
    assert "style=" not in text
    assert " onclick" not in text
    assert "<script>" not in text
    assert 'content="' in text
    assert "csrfmiddlewaretoken" not in text


def test_a_dossier_costs_the_same_with_many_devices(client, rennes, django_assert_max_num_queries):
    for _ in range(60):
        make_device()
    with django_assert_max_num_queries(14):
        answer = client.get("/cities/rennes-35238/")
    assert "?page=2#devices-heading" in answer.text
    assert client.get("/cities/rennes-35238/?page=2").status_code == 200


def test_hostile_words_are_words(client):
    city = make_city(name="X", notice=HOSTILE)
    city.name = HOSTILE
    city.save()
    document = make_document([HOSTILE], cities=[city], title=HOSTILE)
    citation = cite(document=document, page=1, quote=HOSTILE)
    add_statement(city=city, text=HOSTILE, citations=[citation])
    add_link(city=city, kind="pad", title=HOSTILE, url="https://a.example/")
    for address in (f"/cities/{city.slug}/", "/cities/", f"/documents/{document.slug}/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_a_source_that_was_withdrawn_is_a_note_without_words(client, rennes):
    statement = rennes.dossier.statements.get()
    withdraw_document(document=statement.citations.get().document, reason="objection")
    text = client.get("/en/cities/rennes-35238/").text
    assert "The source is no longer public here." in text
    assert "Délibération 12" not in text
    assert "douze caméras" not in text


def test_an_empty_city_says_so(client):
    make_city()
    text = client.get("/en/cities/rennes-35238/").text
    assert "Rennes: no device is known yet." in text
    assert "No device is known here yet" in text


def test_codes_lead_to_the_dossier_and_unknown_ones_nowhere(client, rennes):
    make_city("2A004", "Ajaccio", west=8.6, south=41.8)
    answer = client.get("/cities/35238/")
    assert (answer.status_code, answer["Location"]) == (301, "/cities/rennes-35238/")
    assert client.get("/en/cities/2a004/")["Location"] == "/en/cities/ajaccio-2a004/"
    make_city(name="Renania", country="DE", west=7)
    assert client.get("/cities/35238/")["Location"] == "/cities/?q=35238"
    for unknown in ("99999", "nowhere-99999", "é", "a b", "%00", "a" * 300):
        assert client.get(f"/cities/{unknown}/").status_code == 404, unknown


def test_dated_figures_never_change(client, rennes):
    day = datetime.date(2026, 11, 20)
    with time_machine.travel("2026-11-20T10:00:00Z"):
        snapshot_city(city=rennes, day=day)
        text = client.get("/en/cities/rennes-35238/").text
        assert "/en/cities/rennes-35238/2026-11-20/" in text
    with time_machine.travel("2026-11-24T10:00:00Z"):
        before = client.get("/en/cities/rennes-35238/2026-11-20/")
        assert "<strong>3</strong> devices verified on the spot" in before.text
        assert "Rennes: the figures of 20 November 2026" in before.text
        assert "http://" in before.text
        assert "/en/cities/rennes-35238/2026-11-20/" in before.text
        make_device()
        rennes.population = 1
        rennes.save()
        after = client.get("/en/cities/rennes-35238/2026-11-20/")
        assert after.text == before.text
        now = client.get("/en/cities/rennes-35238/").text
        assert "<strong>4</strong> devices verified on the spot" in now
        assert "The last figures that were kept are those of 20 November 2026." in now
        assert (
            client.get("/cities/rennes-35238/2026-11-22/")["Location"]
            == "/cities/rennes-35238/2026-11-20/"
        )
        for wrong in ("2026-11-19", "2026-11-25", "2026-02-31", "0000-00-00", "2026-1-1"):
            assert client.get(f"/cities/rennes-35238/{wrong}/").status_code == 404, wrong
        assert client.get("/cities/nowhere-1/2026-11-20/").status_code == 404


def test_the_list_begins_with_the_cities_that_have_devices(client, django_assert_max_num_queries):
    for number in range(70):
        make_city(f"350{number:02d}", f"Ville {number:02d}", west=number * 0.2, south=45)
    make_city("29019", "Saint-Étienne", west=-4.6, south=48.3)
    make_device(lon=69 * 0.2 + 0.05, lat=45.05)
    with django_assert_max_num_queries(5):
        text = client.get("/en/cities/").text
    assert text.index("Ville 69") < text.index("Ville 00")
    assert "71 cities" in text
    assert "1 device" in text
    assert "page=2" in text
    assert "Saint-Étienne" in client.get("/cities/?q=saint etienne").text
    assert "Ville 03" in client.get("/cities/?q=35003").text
    only = client.get("/cities/?department=29").text
    assert "Saint-Étienne" in only
    assert "Ville" not in only.replace("Villes", "")
    assert "No city matches" in client.get("/en/cities/?q=zzz").text


@pytest.mark.parametrize(
    "query", ["department=zz", "department=1", "page=0", "page=-1", "page=x", "page=", "page=9e9"]
)
def test_a_malformed_address_is_refused_in_words(client, query):
    answer = client.get(f"/cities/?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "q=%27%22%3C", "q=" + "é" * 500, "page=99999"])
def test_an_odd_search_finds_nothing_and_breaks_nothing(client, query):
    assert client.get(f"/cities/?{query}").status_code == 200


def test_without_cities_the_list_says_what_to_do(client):
    assert "No city yet" in client.get("/en/cities/").text


def test_migrations_are_complete():
    call_command("makemigrations", "documents", "dossiers", check=True, dry_run=True, verbosity=0)
