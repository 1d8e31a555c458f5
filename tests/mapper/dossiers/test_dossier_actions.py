"""Dossiers written, and figures kept by day."""

import datetime

import pytest

from mapper.dossiers.actions import (
    add_link,
    add_statement,
    introduce,
    snapshot_cities,
    snapshot_city,
)
from mapper.dossiers.jobs import keep_figures
from mapper.dossiers.models import Dossier, Snapshot, Statement
from mapper.errors import BadInput
from mapper.sightings.actions import detach_claim
from tests.evidence import make_city, make_device

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 24)
NEXT = DAY + datetime.timedelta(days=1)


def test_statements_keep_their_order():
    city = make_city()
    for text in ("un", "deux", "trois"):
        add_statement(city=city, text=text, dated_on="2024-05")
    texts = Dossier.objects.get(city=city).statements.values_list("text", "dated_on")
    assert list(texts) == [("un", "2024-05"), ("deux", "2024-05"), ("trois", "2024-05")]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"text": " \x00 "}, BadInput),
        ({"text": "x" * 20_001}, BadInput),
        ({"text": "x", "dated_on": "hier"}, ValueError),
    ],
)
def test_a_statement_that_can_not_stand_is_refused_whole(facts, error):
    with pytest.raises(error):
        add_statement(city=make_city(), **facts)
    assert not Statement.objects.exists()


def test_links_lead_to_the_web_only():
    city = make_city()
    assert add_link(city=city, kind="forum", title="", url="https://a.example").title
    for kind, url in (("forum", "javascript:alert(1)"), ("blog", "https://a.example")):
        with pytest.raises(BadInput):
            add_link(city=city, kind=kind, title="x", url=url)


def test_an_introduction_may_be_emptied():
    city = make_city()
    introduce(city=city, text="Bonjour")
    assert introduce(city=city, text="").introduction == ""


def test_figures_are_kept_when_they_change_and_once_a_day():
    city = make_city()
    assert snapshot_city(city=city, day=DAY) is None
    device = make_device()
    kept = snapshot_city(city=city, day=DAY)
    assert kept.figures["verified_recent"] == 1
    make_device()
    assert snapshot_city(city=city, day=DAY) is None
    kept.refresh_from_db()
    assert kept.figures["verified_recent"] == 1
    assert snapshot_cities(day=NEXT) == 1
    assert snapshot_cities(day=NEXT) == 0
    assert snapshot_city(city=city, day=NEXT + datetime.timedelta(days=1)) is None
    for one in list(city.devices.all()):
        detach_claim(claim=one.claims.get(), decision=None)
    assert not city.devices.exists()
    assert snapshot_cities(day=NEXT + datetime.timedelta(days=2)) == 1
    latest = Snapshot.objects.filter(city=city).first()
    assert latest.figures["verified_recent"] == 0
    assert device.state == "present"


def test_keeping_all_cities_costs_the_same_for_many(django_assert_max_num_queries):
    for number in range(5):
        make_city(f"3500{number}", f"Ville {number}", west=number, south=45)
        make_device(lon=number + 0.05, lat=45.05)
    with django_assert_max_num_queries(26):
        keep_figures(timestamp=0)
    assert Snapshot.objects.count() == 5
    with django_assert_max_num_queries(6):
        keep_figures(timestamp=0)
