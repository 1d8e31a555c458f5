"""What strangers and staff write is shown as text on every page: no markup, no address that runs.

Written straight into the tables, past every check of the doors: pages must not rely on these.
"""

import json
import uuid
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from mapper.dossiers.models import Link, Statement
from mapper.exports.city_map import city_map
from mapper.moderation.models import Notice
from mapper.sightings.actions import attach_claim
from tests.factories import (
    LAT,
    LON,
    CitationFactory,
    CityFactory,
    ClaimFactory,
    DocumentFactory,
    DossierFactory,
    EventFactory,
    PhotoFactory,
    SightingFactory,
    make_device,
    make_osm_device,
    point,
)
from tests.mapper.test_access import access_of, address, routes
from tests.people import browser_of

pytestmark = pytest.mark.django_db

MARK = "ran7d1f"
# Out of text, out of an attribute, out of a script, through a template, round a filter of signs.
EVIL = (
    f"</title></textarea></script><script>{MARK}()</script>",
    f"\"'><img src=x onerror={MARK}()>",
    f"' onfocus={MARK}() autofocus x='",
    f"--><svg/onload={MARK}()>",
    "{{ 7|add:7 }}{% debug %}${" + MARK + "()}",
    f"＜script＞{MARK}()\u202e\u2028//",
    f"[x](javascript:{MARK}()) <a href=javascript:{MARK}()>",
)
ALL = " ".join(EVIL)
SHORT = f'"><a onclick={MARK}()>'
WEB = f"https://a.example/{EVIL[1]}"
RUNS = f"javascript:{MARK}()"
SAFE_SCHEMES = ("", "http", "https", "mailto", "data")


class Reader(HTMLParser):
    """Collects of a page what could run: scripts, handlers, addresses, elements of our words."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "script" and "src" not in said and said.get("type") != "application/json":
            self.found.append((tag, said))
        for name, value in attributes:
            is_address = name in ("href", "src", "action", "formaction", "data", "srcdoc")
            scheme = urlsplit(value or "").scheme if is_address else ""
            if name.startswith("on") or scheme not in SAFE_SCHEMES or MARK in name:
                self.found.append((tag, name, value))
            # Out to nowhere else: an address that begins with two strokes is another site's.
            if is_address and (value or "").startswith(("//", "/\\")):
                self.found.append((tag, name, value))


def what_runs(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def write_everywhere():
    """Make one of everything that shows a text, each with all of it; return ids for addresses."""
    city = CityFactory(name=ALL[:100], slug="rennes", code="35238")
    said = {"kind": "camera", "camera_type": "dome", "operator": ALL[:255]}
    said |= dict.fromkeys(("mount", "surveillance", "zone", "operator_type"), SHORT)
    device = make_device(attributes=said)
    mirrored = make_osm_device(LON + 1e-3, LAT, **{ALL: ALL, "operator": ALL, "website": RUNS})
    event = EventFactory(operator=ALL[:200], city=city)
    paper = DocumentFactory(title=ALL[:300], slug="vote", source_url=WEB, licence=ALL[:120])
    paper.cities.add(city)
    paper.pages.create(number=1, text=f"caméra {ALL}")
    made = {"manufacturer": EVIL[1], "model": EVIL[3]}
    cited = ClaimFactory(source="document", location=None, position_source="", attributes=made)
    attach_claim(claim=cited, device=device, decision=uuid.uuid4())
    citation = CitationFactory(document=paper, quote=ALL, claim=cited, event=event)
    dossier = DossierFactory(city=city, introduction=ALL)
    statement = Statement.objects.create(dossier=dossier, text=ALL)
    statement.citations.add(citation)
    Link.objects.create(dossier=dossier, kind="pad", title=ALL[:200], url=WEB)
    report = SightingFactory(note=ALL, operator=ALL[:255], location=point(LON + 2e-3, LAT))
    photo = PhotoFactory(sighting=report)
    now = timezone.now()
    notice = Notice.objects.create(
        code_key="k", reason="other", page=ALL[:300], words=ALL, arrived_at=now, city=city
    )
    return {
        "moderation/reports": report.id,
        "moderation/photos": photo.id,
        "moderation/devices": device.id,
        "moderation/notices": notice.id,
        "devices": device.id,
        "events": event.id,
        "admin/places/city": city.pk,
        "admin/sightings/event": event.pk,
        "admin/documents/document": paper.pk,
        "admin/documents/citation": citation.pk,
        "admin/dossiers/dossier": dossier.pk,
        "mirrored": mirrored.id,
        "city": city,
    }


@pytest.fixture
def ids(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return write_everywhere()


def pages(ids):
    """Yield every address of every page, and the lists and searches of some."""
    for route in routes():
        if "logout" in route or route.startswith("data/"):
            continue
        path = address(route, ids).replace("cities/vote", "cities/rennes")
        yield path
        if access_of(route) is not None and not route.startswith(("admin/", "api/", "tiles/")):
            yield f"/en{path}"
    desk_of_mirrored = f"/moderation/devices/{ids['mirrored']}/"
    yield from (f"/devices/{ids['mirrored']}/", desk_of_mirrored, "/?view=list", "/cities/?q=<b>")
    yield from (f"/documents/?q=cam%C3%A9ra{EVIL[1]}", "/documents/?q=cam%C3%A9ra")


def test_no_text_of_anybody_becomes_markup_on_any_page(ids, alice, oscar):
    oscar.pseudonym = alice.pseudonym = ""
    type(oscar).objects.filter(pk=oscar.pk).update(pseudonym=EVIL[1][:30])
    operator, found, showing = browser_of(oscar), [], set()
    for path in pages(ids | {"admin/accounts/user": alice.pk}):
        answer = operator.get(path)
        if answer.status_code >= 500 and path != "/healthz":
            found.append((path, answer.status_code))
        if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        found += [(path, answer.status_code, what) for what in what_runs(answer.text)]
        if MARK in answer.text:
            showing.add(path)
    assert found == []
    # Each text was on a page, so that there was something to look at.
    assert {"/cities/rennes/", "/documents/vote/", "/?view=list", "/moderation/notices/"} <= showing
    for start in ("devices", "moderation/reports", "moderation/devices", "events"):
        assert f"/{start}/{ids[start]}/" in showing
    for start in ("places/city", "documents/document", "documents/citation", "dossiers/dossier"):
        assert f"/admin/{start}/{ids['admin/' + start]}/change/" in showing


def test_the_map_file_of_a_city_holds_every_text_inside_its_data(ids):
    page = city_map(ids["city"])
    assert MARK in page
    assert page.count("<script") == page.count("</script>") == 4
    assert f"<svg/onload={MARK}" not in page
    assert f"<img src=x onerror={MARK}" not in page


def test_a_body_of_data_is_never_read_as_a_page(ids, charlie):
    """JSON may hold any text: it says what it is, and no browser guesses otherwise."""
    for path in (f"/devices/{ids['devices']}.json", "/api/v1/devices/", "/data/devices.csv"):
        answer = charlie.get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "html" not in answer["Content-Type"]
    assert json.loads(charlie.get(f"/devices/{ids['devices']}.json").content)


@pytest.mark.parametrize("strokes", ["/", "//", "%5C"])
def test_the_link_to_the_other_language_never_leads_to_another_site(db, strokes):
    """A page that nobody made still has this link, and two strokes begin another site's address."""
    answer = Client().get(f"/en/{strokes}evil.example/")
    assert answer.status_code == 404
    assert what_runs(answer.text) == []
    assert "evil.example" in answer.text
