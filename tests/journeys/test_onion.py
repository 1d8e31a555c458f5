"""Over an onion service, as Tor Browser at its safest: no TLS, no JavaScript, one address for all.

The browser itself writes `Host` and `Origin`; the live server sees everybody from loopback.
"""

import pytest

from mapper.intake import receipts
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY
from tests.journeys.conftest import CHROMIUM, FLAGS, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ONION = "contrechampexample.onion"
CLEAR = "https://map.example.org"
PHOTO = REPOSITORY / "fixtures" / "photos" / "phone.jpg"


@pytest.fixture
def answers():
    """Return where each answer of the journey is noted."""
    return []


@pytest.fixture
def page(playwright, live_server, settings, answers):
    """Return a page without JavaScript at the onion address of an instance that has TLS too."""
    settings.SITE_URL = CLEAR
    settings.ONION_ADDRESS = ONION
    settings.ALLOWED_HOSTS = ["map.example.org", ONION]
    browser = playwright.chromium.launch(
        executable_path=str(CHROMIUM),
        args=[*FLAGS, "--host-resolver-rules=MAP *.onion 127.0.0.1"],
        ignore_default_args=["--headless"],
    )
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    opened = context.new_page()
    opened.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - no built-in
    opened.goto(live_server.url.replace("localhost", ONION) + "/en/report/")
    yield opened
    assert context.cookies() == []
    browser.close()


def press(page, name, **clicked):
    """Press a button; return the answer."""
    with page.expect_navigation(wait_until="load") as navigation:
        page.get_by_role("button", name=name, **clicked).first.click()
    return navigation.value


def test_a_report_its_receipt_and_its_withdrawal_without_tls(page, answers):
    page.set_input_files("#photo-choose", PHOTO)
    sent = press(page, "Send; the photo may be published")
    assert sent.status == 201
    origin = f"http://{ONION}:"
    assert sent.request.headers["origin"].startswith(origin)
    words = page.locator("#code li").all_inner_texts()
    sighting = receipts.find(" ".join(words)).sighting
    assert Photo.objects.get().sighting == sighting
    page.goto(page.url.replace("/en/report/", "/en/receipts/"))
    page.locator("[name=code]").fill(" ".join(words))
    followed = press(page, "Show")
    assert followed.status == 200
    assert "Received" in page.content()
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("input[name=sure]").check()
    withdrawn = press(page, "Withdraw")
    assert withdrawn.status == 200
    assert not Sighting.objects.exists()
    assert not Photo.objects.exists()
    check_answers(answers, origin)


def check_answers(answers, origin):
    """No answer leads off the onion address, asks for TLS or sets anything."""
    assert len(answers) > 10
    for answer in answers:
        assert answer.url.startswith((origin, "data:")), answer.url
        if answer.url.startswith("data:"):
            continue
        headers = answer.all_headers()
        assert answer.status in (200, 201), answer.url
        assert "upgrade-insecure-requests" not in headers.get("content-security-policy", "")
        assert not {"strict-transport-security", "set-cookie", "onion-location"} & set(headers)


def test_every_form_and_link_of_the_road_stays_on_the_onion_address(page):
    for path in ("/en/report/", "/en/receipts/", "/en/safety/", "/report/queue/", "/notice/"):
        page.goto(page.url.partition(".onion")[0] + ".onion" + _port(page) + path)
        for selector, name in (("form", "action"), ("a", "href"), ("[src]", "src")):
            for element in page.locator(selector).all():
                address = element.get_attribute(name) or ""
                assert not address.startswith(CLEAR), (path, address)


def _port(page) -> str:
    return ":" + page.url.partition(".onion:")[2].partition("/")[0]


def test_the_clear_address_tells_tor_browser_of_the_onion_one(client, settings):
    settings.ONION_ADDRESS = ONION
    settings.ALLOWED_HOSTS = ["map.example.org", ONION]
    clear = client.get("/report/?device=x", headers={"Host": "map.example.org"}, secure=True)
    assert clear["Onion-Location"] == f"http://{ONION}/report/?device=x"
