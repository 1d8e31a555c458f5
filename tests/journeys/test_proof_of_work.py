"""A phone works a little for each report, after the walker has it off their mind."""

import json
import re
import statistics

import pytest
from django.conf import settings as project

from mapper.intake import proof_of_work
from mapper.sightings.models import Sighting
from mapper.trust.models import Passage
from tests.conftest import REPOSITORY
from tests.journeys.conftest import PHONE
from tests.journeys.firefox import RESISTING, SAFER, report_from_firefox
from tests.journeys.phones import SEND, skip_to_send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHALLENGE = "/api/v1/challenge"
SENT = "h1[data-when=sent]:visible"
# What is called four times slower: the browser slows down the page's own thread only, so that the
# work itself is made four times as long.
SLOWER = 4


@pytest.fixture
def bob(visit):
    """Return Bob's phone."""
    return visit(size=PHONE)


def fill(walker, lat=48.11, lon=-1.68):
    """Go to the last step with a place."""
    walker.page.evaluate(
        """said => { for (const [name, value] of Object.entries(said))
             document.querySelector(`[name="${name}"]`).value = value; }""",
        {"lat": str(lat), "lon": str(lon)},
    )
    skip_to_send(walker.page)


def obstacle():
    """Return what stands in the way of the one report."""
    return Passage.objects.get().obstacle


def test_a_report_from_the_app_carries_a_proof_that_tells_nothing_of_the_phone(bob):
    asked, sent = [], []
    bob.page.on("request", lambda r: asked.append(r) if CHALLENGE in r.url else None)
    bob.page.on("request", lambda r: sent.append(r) if "/sealed/sightings/" in r.url else None)
    bob.go("/report/")
    fill(bob)
    assert asked == []
    bob.page.click(SEND)
    bob.page.wait_for_selector(SENT)
    assert (Sighting.objects.get().is_slow, obstacle()) == (False, "")
    assert [request.url for request in asked] == [bob.origin + CHALLENGE]
    assert asked[0].post_data is None
    assert not {"cookie", "referer"} & set(asked[0].all_headers())
    said = json.loads(bob.page.evaluate("atob", sent[0].all_headers()["proof-of-work"]))
    assert set(said) == {"challenge", "solution"}
    assert set(said["solution"]) == {"counter", "derivedKey"}
    assert bob.context.cookies() == []
    assert bob.faults == []
    assert bob.foreign == []


def test_the_walker_waits_for_no_proof(bob):
    """Not even where the challenge never comes: all is kept and shown before it is asked for."""
    held = []

    def hold(route):
        held.append(route)

    bob.page.route(f"**{CHALLENGE}", hold)
    bob.go("/report/")
    fill(bob)
    with bob.page.expect_request(f"**{CHALLENGE}"):
        bob.page.click(SEND)
        bob.page.wait_for_selector("#code li")
    bob.page.wait_for_selector("h1[data-when=sending]:visible")
    assert not Sighting.objects.exists()
    assert len(held) == 1
    held[0].continue_()
    bob.page.wait_for_selector(SENT)
    assert obstacle() == ""


@pytest.mark.parametrize("befall", ["abort", "answer"])
def test_without_a_challenge_the_report_leaves_all_the_same(bob, befall):
    """Blocked by an extension; or a portal answers."""

    def answer(route):
        route.abort() if befall == "abort" else route.fulfill(status=200, body="<h1>Hello</h1>")

    bob.page.route(f"**{CHALLENGE}", answer)
    bob.go("/report/")
    fill(bob)
    bob.page.click(SEND)
    bob.page.wait_for_selector(SENT)
    assert obstacle() == "unproven"


def test_where_no_worker_may_run_the_report_leaves_all_the_same(bob):
    bob.page.add_init_script("delete globalThis.Worker")
    bob.go("/report/")
    fill(bob)
    bob.page.click(SEND)
    bob.page.wait_for_selector(SENT)
    assert obstacle() == "unproven"


def test_a_form_that_the_browser_sends_itself_carries_a_proof_too(bob):
    bob.go("/report/")
    fill(bob)
    # Where the phone can keep nothing, the form itself is sent.
    bob.page.evaluate("document.querySelector('meta[name=sealing-key]').remove()")
    answer = bob.follow(SEND)
    assert answer.status == 201
    assert (Sighting.objects.get().photo_use, obstacle()) == ("public", "")
    assert "Il apparaîtra de lui-même sur la carte" in bob.page.content()
    assert bob.faults == []


def test_a_form_waits_for_its_proof_a_moment_and_no_longer(bob):
    bob.page.route(f"**{CHALLENGE}", lambda route: None)
    bob.go("/report/")
    fill(bob)
    bob.page.evaluate("document.querySelector('meta[name=sealing-key]').remove()")
    assert bob.follow(SEND).status == 201
    assert obstacle() == "unproven"


def test_without_javascript_a_report_is_taken_and_its_author_told_the_truth(visit):
    walker = visit(size=PHONE, javascript=False)
    walker.go("/en/report/")
    walker.page.set_input_files("#photo-choose", REPOSITORY / "fixtures/photos/phone.jpg")
    answer = walker.follow(walker.page.get_by_role("button", name="Send; the photo may be"))
    assert answer.status == 201
    assert (Sighting.objects.get().is_slow, obstacle()) == (True, "unproven")
    assert "once a moderator has looked at it" in walker.page.content()


@pytest.mark.parametrize("preferences", [RESISTING, SAFER], ids=["resisting", "safer"])
def test_firefox_with_coarse_clocks_and_without_a_compiler_brings_a_proof(
    live_server, settings, preferences
):
    settings.PROOF_TRIES = 100
    photo = REPOSITORY / "fixtures" / "photos" / "phone.jpg"
    said = report_from_firefox(
        live_server.url, photo, lon=24.93, lat=60.17, preferences=preferences
    )
    assert said["is_sent"]
    assert (Sighting.objects.get().is_slow, obstacle()) == (False, "")


def solver():
    """Return the address of the built worker."""
    (file,) = (REPOSITORY / "frontend" / "dist" / "assets").glob("solver.*.js")
    return f"{project.STATIC_URL}assets/{file.name}"


def spread(times_s):
    """Say how long it took, as one line."""
    cuts = statistics.quantiles(times_s, n=20)
    return (
        f"{len(times_s)} solved: least {min(times_s):.2f} s, median {cuts[9]:.2f} s, "
        f"95 of 100 within {cuts[18]:.2f} s, most {max(times_s):.2f} s"
    )


@pytest.mark.parametrize(
    "count", [2, pytest.param(30, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_a_proof_takes_under_two_seconds_on_a_phone_four_times_slower(
    bob, settings, monkeypatch, count
):
    """From the challenge's request to its solution, at the cost that instances have."""
    settings.PROOF_TRIES = 100
    found = {}
    bob.go("/about/")
    browser = bob.context.new_cdp_session(bob.page)
    iterations = proof_of_work._ITERATIONS
    for name, rate, work in (
        ("at once", 1, 1),
        ("page throttled", SLOWER, 1),
        ("page throttled, four times the work", SLOWER, SLOWER),
    ):
        browser.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        monkeypatch.setattr(proof_of_work, "_ITERATIONS", iterations * work)
        found[name] = [
            bob.page.evaluate(
                """async ([address, solver]) => {
                  const start = performance.now();
                  const challenge = await (await fetch(address)).json();
                  const worker = new Worker(solver, { type: "module" });
                  const solved = await new Promise((done) => {
                    worker.onmessage = (event) => done(event.data);
                    worker.postMessage(challenge);
                  });
                  worker.terminate();
                  return solved ? (performance.now() - start) / 1000 : 1000;
                }""",
                [CHALLENGE, solver()],
            )
            for _ in range(count)
        ]
    for name, times_s in found.items():
        print(f"proof of work, {name}: {spread(times_s)}")
    if count > 2:
        assert statistics.quantiles(found["page throttled"], n=20)[18] < 2
        assert statistics.median(found["page throttled, four times the work"]) < 2
    assert re.fullmatch(r"/static/assets/solver\.[0-9a-f]{12}\.js", solver())
