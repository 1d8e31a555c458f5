"""Whoever comes by the onion service shares one address with all others, and is not refused."""

import random
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mapper.intake import receipts
from mapper.sightings.models import Sighting
from tests.factories import CityFactory, box
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db
BEGIN = "2026-05-12T12:00:00Z"


@pytest.mark.parametrize(
    "count", [pytest.param(300, marks=pytest.mark.trial), 40], ids=["all", "few"]
)
def test_300_honest_reports_in_an_hour_from_one_address_are_all_taken(count, settings, tmp_path):
    """By the plain form, without a proof of work; more than one phone may send in an hour."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.ONION_ADDRESS = "abcdef.onion"
    settings.ALLOWED_HOSTS = ["abcdef.onion"]
    assert min(count, 300) > settings.REPORTS_PER_HOUR
    CityFactory(boundary=box(2, 48, 3, 49))
    seeded = random.Random(count)
    picture = phone_photo()
    statuses, codes = [], []
    with time_machine.travel(BEGIN, tick=False) as clock:
        for number in range(count):
            walker = Client(REMOTE_ADDR="127.0.0.1", headers={"Host": "abcdef.onion"})
            said = {
                "lat": f"{seeded.uniform(48.1, 48.9):.6f}",
                "lon": f"{seeded.uniform(2.1, 2.9):.6f}",
                "kind": "camera",
                "photo": SimpleUploadedFile("a.jpg", picture + b"%d" % number, "image/jpeg"),
            }
            answer = walker.post("/en/report/", said)
            statuses.append(answer.status_code)
            shown = answer.text.partition('id="code"')[2].partition("</ol>")[0]
            codes.append(" ".join(re.findall(r"<li[^>]*>([^<]+)</li>", shown)))
            # Each follows the own report at once, over the same address.
            assert walker.post("/receipts/", {"code": codes[-1]}).status_code == 200
            clock.shift(3600 / count)
    assert statuses == [201] * count
    assert Sighting.objects.pending().count() == count
    assert len({receipts.find(code).sighting_id for code in codes}) == count
    assert {sighting.photos.count() for sighting in Sighting.objects.all()} == {1}
