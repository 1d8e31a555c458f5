"""A device's address: what it shows, and answers after a merge, a withdrawal, an erasure."""

import uuid

import pytest
from django.contrib.gis.geos import Point

from mapper.osm.models import Element
from mapper.sightings import actions
from mapper.sightings.models import Claim
from tests.factories import make_osm_device

pytestmark = pytest.mark.django_db


def make_claim(**changes):
    facts = {
        "source": "walker",
        "is_verified": True,
        "location": Point(2.35, 48.85, srid=4326),
        "position_source": "moderator",
        "attributes": {"kind": "camera", "camera_type": "dome"},
        "seen_from": "2026-05",
        "seen_to": "2026-05",
    }
    return Claim.objects.create(**(facts | changes))


def make_device(**changes):
    return actions.attach_claim(claim=make_claim(**changes), device=None, decision=uuid.uuid4())


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_device_page_says_what_it_is_and_how_we_know(client, prefix):
    device = make_device()
    answer = client.get(f"{prefix}/devices/{device.id}/")
    assert answer.status_code == 200
    assert "2026-05" in answer.text
    assert answer["Cache-Control"] == "max-age=60"
    assert not answer.cookies
    assert (
        client.get(
            f"{prefix}/devices/{device.id}/", headers={"If-None-Match": answer["ETag"]}
        ).status_code
        == 304
    )


def test_the_json_is_a_feature_with_its_claims(client):
    device = make_device()
    answer = client.get(f"/devices/{device.id}.json")
    assert answer["Content-Type"] == "application/geo+json"
    feature = answer.json()
    # A counter would tell how often, and in what order, devices were looked at again.
    assert "version" not in feature["properties"]
    assert feature["geometry"]["coordinates"] == [2.35, 48.85]
    assert feature["properties"]["claims"][0]["source"] == "walker"
    assert feature["properties"]["verification"] == "verified"


def test_a_merged_id_leads_to_the_survivor_and_unmerging_brings_it_back(client):
    survivor, other = make_device(), make_device()
    merge = uuid.uuid4()
    actions.merge_devices(survivor=survivor, other=other, decision=merge)
    answer = client.get(f"/devices/{other.id}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/devices/{survivor.id}/")
    assert client.get(f"/en/devices/{other.id}/")["Location"] == f"/en/devices/{survivor.id}/"
    assert client.get(f"/devices/{other.id}.json")["Location"] == f"/devices/{survivor.id}.json"
    actions.undo_attachments(undone=merge, decision=uuid.uuid4())
    assert client.get(f"/devices/{other.id}/").status_code == 200


def test_a_withdrawn_device_is_gone_with_the_reason_in_words(client):
    claim = make_claim()
    device = actions.attach_claim(claim=claim, device=None, decision=None)
    actions.detach_claim(claim=claim, decision=None)
    answer = client.get(f"/devices/{device.id}/")
    assert answer.status_code == 410
    problem = client.get(f"/devices/{device.id}.json")
    assert problem.status_code == 410
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["detail"]


def test_an_erased_device_is_gone(client):
    device = make_device()
    actions.erase_device(device=device, decision=uuid.uuid4())
    assert client.get(f"/devices/{device.id}/").status_code == 410


def test_a_removed_device_keeps_its_page(client):
    claim = make_claim()
    device = actions.attach_claim(claim=claim, device=None, decision=None)
    gone = make_claim(presence="gone", seen_to="2026-08", seen_from="", attributes={})
    actions.attach_claim(claim=gone, device=device, decision=None)
    answer = client.get(f"/devices/{device.id}/")
    assert answer.status_code == 200
    device.refresh_from_db()
    assert device.status == "removed"


def test_a_device_that_nobody_has_checked_says_so(client):
    device = make_device(is_verified=False)
    page = client.get(f"/en/devices/{device.id}/").text
    assert "not verified" in page
    assert "nobody has checked it yet" in page
    assert "a moderator checked the evidence" not in page


def test_where_the_instance_says_so_a_device_that_nobody_has_checked_is_not_shown(client, settings):
    settings.PUBLISH_UNVERIFIED = False
    device = make_device(is_verified=False)
    assert client.get(f"/devices/{device.id}/").status_code == 404
    assert client.get(f"/devices/{device.id}.json").status_code == 404
    assert client.get(f"/devices/{uuid.uuid4()}/").status_code == 404


def test_a_page_costs_few_queries_however_much_evidence(client, django_assert_max_num_queries):
    device = make_device()
    for _ in range(5):
        actions.attach_claim(claim=make_claim(), device=device, decision=uuid.uuid4())
    with django_assert_max_num_queries(10):
        client.get(f"/devices/{device.id}/")


@pytest.mark.parametrize(
    "query",
    [
        "kind=tank",
        "colour=red",
        "bbox=1,2,3",
        "bbox=nan,0,1,1",
        "view=pie",
        "view=list&page=x",
        "seen_since=soon",
        "city=atlantis",
    ],
)
def test_the_map_page_says_what_is_wrong_with_a_filter(client, query):
    assert client.get(f"/?{query}").status_code == 400


def test_the_list_is_the_map_in_sentences(client):
    device = make_device()
    answer = client.get("/?view=list")
    assert answer.status_code == 200
    assert f"/devices/{device.id}/" in answer.text


def test_an_osm_object_is_led_to_in_the_editors_while_it_is_there(client):
    device = make_osm_device()
    element = Element.objects.get()
    page = client.get(f"/en/devices/{device.id}/").text
    assert f"https://www.openstreetmap.org/edit?editor=id&amp;node={element.osm_id}" in page
    assert f"http://127.0.0.1:8111/load_object?objects=n{element.osm_id}" in page
    Element.objects.update(is_visible=False)
    assert "editor=id" not in client.get(f"/en/devices/{device.id}/").text
