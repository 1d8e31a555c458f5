"""Receipts on their pages: what is shown on request only, the proof, idle ones, guesses."""

import random
import re

import pytest
import time_machine
from django.test import Client

from geo.position import LonLat
from mapper.intake import receipts
from mapper.intake.actions import submit_report
from mapper.intake.report import ReportInput
from mapper.moderation.actions import ask_question, refuse_report
from mapper.sightings.models import Receipt, Sighting

pytestmark = pytest.mark.django_db
PLACE = ("48.1234567", "-1.6543210")
ONION = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def report():
    return submit_report(
        report=ReportInput(position=LonLat(-1.654321, 48.1234567), kind="camera", note="words")
    )


def post(client, report, **said):
    return client.post("/en/receipts/", {"code": " ".join(report.code)} | said)


def test_the_place_is_shown_on_request_only(client, report):
    shown = post(client, report).text
    assert not [number for number in PLACE if number[:6] in shown]
    assert "Show the place" in shown
    asked = post(client, report, action="place").text
    assert [number for number in PLACE if number[:6] in asked] == list(PLACE)


def test_a_change_without_a_place_leaves_the_place(client, report):
    answer = post(client, report, action="amend", kind="alpr", lat="", lon="", direction="90")
    assert answer.status_code == 200
    sighting = Sighting.objects.get()
    assert (sighting.kind, sighting.direction) == ("alpr", "90")
    assert sighting.location.coords == pytest.approx((-1.654321, 48.1234567))


def test_the_proof_of_filing_has_no_code_and_no_place_unless_asked_for(client, report, alice):
    refuse_report(sighting=report.sighting, actor=alice, reason="unclear")
    sheet = post(client, report, action="proof")
    seen = re.sub(r'<input type="hidden"[^>]*>', "", sheet.text)
    assert "Proof of filing" in seen
    assert "does not let us tell" in seen
    assert report.code[0] not in seen
    assert PLACE[0][:5] not in seen
    with_code = re.sub(
        r'<input type="hidden"[^>]*>', "", post(client, report, action="proof_with_code").text
    )
    assert all(word in with_code for word in report.code)


def test_a_question_comes_with_never_tell_who_you_are(client, report, alice):
    ask_question(sighting=report.sighting, actor=alice, question="which_way")
    page = post(client, report).text
    assert "Which way does it look?" in page
    assert "Never say who you are" in page


def test_idle_receipts_go_and_used_ones_and_open_reports_stay(alice):
    with time_machine.travel("2024-03-15T12:00:00Z"):
        made = [submit_report(report=ReportInput(position=LonLat(-1.65, 48.12))) for _ in range(3)]
        for one in made[:2]:
            refuse_report(sighting=one.sighting, actor=alice, reason="unclear")
    with time_machine.travel("2025-01-15T12:00:00Z"):
        receipts.find(" ".join(made[0].code))
    with time_machine.travel("2026-03-31T12:00:00Z"):
        assert receipts.purge_idle() == 0
    with time_machine.travel("2026-04-01T00:30:00Z"):
        assert receipts.purge_idle() == 1
    left = set(Receipt.objects.values_list("sighting", flat=True))
    assert left == {made[0].sighting.id, made[2].sighting.id}


def test_a_receipt_without_a_month_begins_to_count(report, settings):
    Receipt.objects.update(used_in="")
    with time_machine.travel("2026-03-31T12:00:00Z"):
        assert receipts.purge_idle() == 0
    assert Receipt.objects.get().used_in == "2026-03"
    settings.RECEIPT_IDLE_MONTHS = 0
    with time_machine.travel("2036-03-31T12:00:00Z"):
        assert receipts.purge_idle() == 0


@pytest.mark.parametrize("count", [150, pytest.param(100_000, marks=pytest.mark.trial)])
def test_no_guess_succeeds_and_nobody_honest_is_locked_out(report, count):
    seeded = random.Random(count)
    guesser, walker = Client(**ONION), Client(**ONION)
    statuses = set()
    for number in range(count):
        entropy = seeded.randbytes(16)
        guess = receipts._mnemonic().to_mnemonic(entropy)
        answer = guesser.post("/receipts/", {"code": guess})
        statuses.add(answer.status_code)
        if number % max(1, count // 10) == 0:
            assert post(walker, report).status_code == 200
    assert statuses == {404, 429}
    assert post(walker, report).status_code == 200
