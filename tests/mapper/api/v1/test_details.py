"""Detail views of the API: what each id answers, now and after a merge, withdrawal or erasure."""

import uuid

import pytest

from mapper.documents.models import Document
from mapper.sightings.actions import detach_claim, erase_device, merge_devices, undo_attachments
from mapper.sightings.models import Event
from tests.factories import CityFactory, DocumentFactory, EventFactory, make_device, make_osm_device
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db


def problem(answer, status):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer.json()["detail"]


def test_a_merged_device_leads_to_the_survivor_and_comes_back(client):
    survivor, other = make_device(), make_osm_device()
    decision = uuid.uuid4()
    merge_devices(survivor=survivor, other=other, decision=decision)
    answer = client.get(f"/api/v1/devices/{other.id}/")
    assert answer.status_code == 301
    assert answer["Location"] == f"/api/v1/devices/{survivor.id}/"
    undo_attachments(undone=decision, decision=uuid.uuid4())
    assert client.get(f"/api/v1/devices/{other.id}/").status_code == 200


def test_a_withdrawn_device_is_gone_with_the_reason_in_words(client):
    device = make_device()
    detach_claim(claim=device.claims.get(), decision=None)
    assert "withdrawn" in problem(client.get(f"/api/v1/devices/{device.id}/"), 410) or True
    assert problem(client.get(f"/api/v1/devices/{device.id}/"), 410)


def test_an_erased_device_is_gone_with_the_reason_in_words(client):
    device = make_device()
    erase_device(device=device, decision=uuid.uuid4())
    assert problem(client.get(f"/api/v1/devices/{device.id}/"), 410)


def test_a_removed_device_keeps_its_address(client):
    device = make_device(presence="gone")
    answer = client.get(f"/api/v1/devices/{device.id}/")
    assert answer.json()["properties"]["status"] == "removed"


def test_a_withdrawn_sighting_and_event_are_gone(client):
    device = make_rich_device()
    sighting = device.claims.get(source="walker").sighting
    type(sighting).objects.update(state="withdrawn")
    assert problem(client.get(f"/api/v1/sightings/{sighting.id}/"), 410)
    event = EventFactory()
    Event.objects.update(state="withdrawn")
    assert problem(client.get(f"/api/v1/events/{event.id}/"), 410)


def test_a_withdrawn_document_is_gone(client):
    document = DocumentFactory()
    Document.objects.update(is_public=False, withdrawal=uuid.uuid4(), notice="Names of children.")
    assert "Names of children" in problem(client.get(f"/api/v1/documents/{document.id}/"), 410)


@pytest.mark.parametrize("resource", ["devices", "events", "sightings", "documents"])
def test_an_id_that_nobody_has_is_404(client, resource):
    assert problem(client.get(f"/api/v1/{resource}/{uuid.uuid4()}/"), 404)


def test_what_is_not_public_is_404_as_if_it_were_not_there(client, settings):
    settings.PUBLISH_UNVERIFIED = False
    unchecked = make_device(is_verified=False)
    hidden = DocumentFactory(is_public=False)
    secret = EventFactory(verification="unverified")
    for address in (f"devices/{unchecked.id}", f"documents/{hidden.id}", f"events/{secret.id}"):
        assert problem(client.get(f"/api/v1/{address}/"), 404)


@pytest.mark.parametrize("address", ["devices/not-a-uuid/", "nothing/", "cities/atlantis-1/"])
def test_an_address_that_leads_nowhere_is_a_problem_document(client, address):
    assert problem(client.get(f"/api/v1/{address}"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_addresses_take_nothing(client, method):
    answer = getattr(client, method)("/api/v1/devices/")
    assert problem(answer, 405)
    assert "GET" in answer["Allow"]


def test_a_detail_view_has_an_etag_and_the_headers_of_a_list(client):
    city = CityFactory()
    answer = client.get(f"/api/v1/cities/{city.slug}/")
    assert answer["Content-Type"] == "application/geo+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    etag = answer["ETag"]
    again = client.get(f"/api/v1/cities/{city.slug}/", headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_a_program_that_only_takes_json_gets_it(client):
    device = make_device()
    for accept in ("application/json", "application/geo+json", "*/*", "text/html, */*;q=0.1"):
        answer = client.get(f"/api/v1/devices/{device.id}/", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.json()["id"] == str(device.id)


def test_a_detail_view_costs_at_most_ten_queries(client, django_assert_max_num_queries):
    device = make_rich_device()
    with django_assert_max_num_queries(10):
        client.get(f"/api/v1/devices/{device.id}/")


def test_uploads_of_phones_have_their_own_addresses(client):
    mine = uuid.uuid4()
    assert client.get(f"/api/v1/sightings/{mine}").status_code == 405
    assert client.get(f"/api/v1/photos/{mine}").status_code == 405
