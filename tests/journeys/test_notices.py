"""A stranger flags a photo without JavaScript, a moderator decides, the receipt tells."""

import pytest

from mapper.photos.models import Photo
from tests.factories import PASSWORD, UserFactory
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_flag_its_receipt_and_its_decision(small_demo, visit):
    photo = Photo.objects.public().select_related("sighting__claim").order_by("id").first()
    page = f"/devices/{photo.sighting.claim.device_id}/"
    stranger = visit(size=PHONE, javascript=False)
    stranger.go(page)
    stranger.follow(stranger.page.locator(f'a[href*="photo={photo.id}"]'))
    stranger.page.check("input[value=person]")
    stranger.page.fill("#field-words", "C’est ma fenêtre")
    answer = stranger.follow("main form button")
    assert answer.status == 201
    code = " ".join(stranger.page.locator("#code li").all_inner_texts())
    assert not stranger.context.cookies()
    # The stranger's own browser may keep the page for its minute.
    neighbour = visit(size=PHONE, javascript=False)
    neighbour.go(page)
    assert photo.public_name not in neighbour.page.content()

    alice = visit(size=DESKTOP)
    UserFactory(username="alice")
    alice.go("/staff/login/?next=/moderation/notices/")
    alice.page.fill("#id_username", "alice")
    alice.page.fill("#id_password", PASSWORD)
    alice.follow("main form button[type=submit]")
    assert "C’est ma fenêtre" in alice.page.locator("main").inner_text()
    assert (alice.axe(), alice.overflow_px(), alice.faults) == ([], 0, [])
    alice.follow("button[value=kept]")
    assert "C’est ma fenêtre" not in alice.page.locator("main").inner_text()

    stranger.go("/receipts/")
    stranger.page.fill("#field-code", code)
    stranger.follow("main form button")
    assert "cela reste" in stranger.page.locator("main").inner_text().lower()
    assert code.split()[0] not in stranger.page.url
    later = visit(size=PHONE, javascript=False)
    later.go(page)
    assert photo.public_name in later.page.content()


def test_the_pages_of_notices_and_receipts_are_clean_at_both_sizes(small_demo, visit):
    failures = []
    for size, prefix in ((PHONE, ""), (DESKTOP, "/en")):
        reader = visit(size=size)

        def look(name, reader=reader, size=size):
            failures.extend(f"{name} {size['width']}: {found}" for found in reader.axe())
            if reader.overflow_px() > 0:
                failures.append(f"{name} {size['width']}: too wide")

        reader.go(f"{prefix}/notice/")
        reader.page.fill("#field-words", "x")
        reader.page.check("input[value=other]")
        reader.follow("main form button.button--primary")
        look("sent")
        reader.follow("main form button:not([data-copy]):not([data-print])")
        look("receipt of a notice")
    assert not failures, "\n".join(failures)
