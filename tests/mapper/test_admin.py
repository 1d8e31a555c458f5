"""The admin: for editors and operators, by actions alone, and nothing from another host."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from mapper.dossiers.models import Dossier
from mapper.sightings.models import Event
from tests.factories import (
    LAT,
    LON,
    CitationFactory,
    CityFactory,
    DocumentFactory,
    DossierFactory,
    EventFactory,
    UserFactory,
    make_device,
)
from tests.people import browser_of

pytestmark = pytest.mark.django_db
admin.autodiscover()
REGISTERED = admin.site._registry
MAPPER = Path(__file__).resolve().parents[2] / "mapper"
WRITES = ("save", "delete", "create", "bulk_create", "update", "get_or_create", "update_or_create")


@pytest.fixture
def editor(erin):
    return browser_of(erin)


# --- by actions alone -----------------------------------------------------------------------------


def models_with_an_action():
    """Return the names of the models that a function of an `actions.py` takes or writes."""
    names = {model.__name__ for model in apps.get_models() if model.__module__.startswith("mapper")}
    found = set()
    for path in MAPPER.glob("*/actions.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & names
    return found


def may_write(model_admin, *permissions):
    """Return whether anybody at all may do one of these in the admin."""
    for role in ("moderator", "editor", "operator"):
        request = RequestFactory().get("/admin/")
        request.user = UserFactory(role=role)
        if any(getattr(model_admin, f"has_{name}_permission")(request) for name in permissions):
            return True
    return False


def goes_through_an_action(model_admin, method):
    """Return whether a method of an admin is ours, and writes nothing itself."""
    function = getattr(type(model_admin), method)
    if function.__module__.startswith("django."):
        return False
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    written = [name for name in called if name.split(".")[-1] in WRITES]
    # A formset only hands out its rows: commit=False.
    return not any(name.startswith("super()") for name in called) and set(written) <= {
        "formset.save"
    }


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_no_admin_writes_what_has_an_action(model):
    model_admin = REGISTERED[model]
    if model.__name__ not in models_with_an_action():
        return
    if may_write(model_admin, "add", "change"):
        assert goes_through_an_action(model_admin, "save_model")
    if may_write(model_admin, "delete"):
        assert goes_through_an_action(model_admin, "delete_model")
        # Deleting many at once would go past it.
        assert model_admin.actions is None
    if any(inline.model.__name__ in models_with_an_action() for inline in model_admin.inlines):
        assert goes_through_an_action(model_admin, "save_formset")


def test_the_check_of_the_admin_knows_what_has_an_action():
    assert models_with_an_action() >= {
        "Device",
        "Claim",
        "Photo",
        "Decision",
        "Document",
        "Dossier",
    }


def test_what_moderation_decides_on_is_not_in_the_admin():
    names = {model.__name__ for model in REGISTERED}
    assert not names & {
        *("Device", "Claim", "Attachment", "DeviceCapability", "Sighting", "Receipt"),
        *("Photo", "Decision", "Element", "Page", "Group", "ProcrastinateJob", "LoginAttempt"),
    }


def test_no_admin_uses_djangos_map_which_loads_from_elsewhere():
    for model, model_admin in REGISTERED.items():
        request = RequestFactory().get("/")
        request.user = UserFactory(role="operator")
        media = str(model_admin.get_form(request, None)().media) if model_admin.fields else ""
        assert "://" not in media, model


# --- who may --------------------------------------------------------------------------------------


def test_a_stranger_is_led_to_the_one_login(charlie):
    answer = charlie.get("/admin/", follow=True)
    assert [address for address, _ in answer.redirect_chain] == [
        "/admin/login/?next=/admin/",
        "/staff/login/?next=%2Fadmin%2F",
    ]


def test_editors_see_what_they_edit_and_no_accounts(editor, oscar):
    page = editor.get("/admin/").text
    for place in ("places/city", "dossiers/dossier", "documents/document", "sightings/event"):
        assert f"/admin/{place}/" in page
    assert "accounts/user" not in page
    assert editor.get("/admin/accounts/user/").status_code == 403
    assert "accounts/user" in browser_of(oscar).get("/admin/").text


def test_somebody_who_left_sees_nothing(erin, editor):
    erin.is_active = False
    erin.save()
    assert editor.get("/admin/").status_code == 302


def test_permissions_are_nobodys_without_a_role():
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser()
    assert not any(a.has_view_permission(request) for a in REGISTERED.values())


def test_an_operator_closes_an_account_but_not_their_own(oscar, alice):
    browser = browser_of(oscar)
    page = f"/admin/accounts/user/{alice.pk}/change/"
    assert browser.post(page, {"role": "editor"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.role, alice.is_active) == ("editor", False)
    own = f"/admin/accounts/user/{oscar.pk}/change/"
    assert browser.post(own, {"role": "editor"}).status_code == 403
    assert browser.get("/admin/accounts/user/add/").status_code == 403


# --- what editors do ------------------------------------------------------------------------------


def test_an_editor_adds_a_notice_to_a_city_and_sees_its_boundary(editor):
    city = CityFactory()
    page = f"/admin/places/city/{city.pk}/change/"
    shown = editor.get(page).text
    assert "data-location-widget" in shown
    assert "coordinates" in shown
    fields = {"population": "12", "notice": "Not a municipality.", "code": "999", "name": "X"}
    assert editor.post(page, fields).status_code == 302
    city.refresh_from_db()
    assert (city.population, city.notice, city.code, city.name) == (
        12,
        "Not a municipality.",
        city.code,
        "Rennes",
    )
    assert editor.get("/admin/places/city/add/").status_code == 403
    assert editor.get(f"/admin/places/city/{city.pk}/delete/").status_code == 403


def dossier_fields(dossier, statement, link, **changes):
    fields = {
        "city": dossier.city_id,
        "introduction": "What is known.",
        "is_public": "on",
        "statements-TOTAL_FORMS": "1",
        "statements-INITIAL_FORMS": "0",
        "links-TOTAL_FORMS": "1",
        "links-INITIAL_FORMS": "0",
    }
    fields |= {f"statements-0-{name}": value for name, value in statement.items()}
    fields |= {f"links-0-{name}": value for name, value in link.items()}
    return fields | changes


STATEMENT = {"position": "0", "dated_on": "2024-05", "text": "Twenty **cameras**."}
LINK = {"kind": "forum", "title": "Topic", "url": "https://forum.example/t/1"}


def test_an_editor_writes_statements_with_their_citations(editor):
    dossier, citation = DossierFactory(), CitationFactory()
    page = f"/admin/dossiers/dossier/{dossier.pk}/change/"
    assert editor.get(page).status_code == 200
    statement = {**STATEMENT, "citations": [str(citation.id)]}
    assert editor.post(page, dossier_fields(dossier, statement, LINK)).status_code == 302
    written = dossier.statements.get()
    assert (written.text, written.dated_on) == ("Twenty **cameras**.", "2024-05")
    assert list(written.citations.all()) == [citation]
    assert dossier.links.get().url == "https://forum.example/t/1"
    link = dossier.links.get()
    gone = dossier_fields(
        dossier,
        {**STATEMENT, "id": written.pk, "dossier": dossier.pk, "DELETE": "on"},
        {**LINK, "id": link.pk, "dossier": dossier.pk, "title": "Renamed"},
        **{"statements-INITIAL_FORMS": "1", "links-INITIAL_FORMS": "1"},
    )
    assert editor.post(page, gone).status_code == 302
    assert not dossier.statements.exists()
    assert dossier.links.get().title == "Renamed"


@pytest.mark.parametrize(
    ("statement", "link"),
    [
        ({"dated_on": "05/2024"}, {}),
        ({"dated_on": "2024-13"}, {}),
        ({"text": ""}, {}),
        ({}, {"url": "javascript:alert(1)"}),
        ({}, {"url": "ftp://example.org/x"}),
        ({}, {"kind": "secret"}),
    ],
)
def test_a_dossier_with_a_mistake_comes_back_and_nothing_is_kept(editor, statement, link):
    dossier = DossierFactory()
    fields = dossier_fields(dossier, STATEMENT | statement, LINK | link)
    answer = editor.post(f"/admin/dossiers/dossier/{dossier.pk}/change/", fields)
    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not dossier.statements.exists()
    assert Dossier.objects.get().introduction == ""


def test_an_editor_corrects_what_is_said_of_a_document_and_not_its_file(editor):
    document = DocumentFactory()
    page = f"/admin/documents/document/{document.pk}/change/"
    assert f"/documents/{document.slug}/desk/" in editor.get(page).text
    fields = {
        "title": "Vote",
        "type": "contract",
        "language": "en",
        "dated_on": "2024",
        "source_url": "",
        "licence": "",
        "sha256": "0" * 64,
        "is_public": "",
    }
    assert editor.post(page, fields).status_code == 302
    changed = type(document).objects.get()
    assert (changed.title, changed.type, changed.dated_on) == ("Vote", "contract", "2024")
    assert (changed.sha256, changed.is_public) == (document.sha256, True)
    assert editor.post(page, fields | {"dated_on": "soon"}).status_code == 200


def test_a_citation_is_taken_back_with_its_claim(editor):
    device = make_device(source="document", is_verified=False)
    citation = CitationFactory(claim=device.claims.get())
    page = f"/admin/documents/citation/{citation.pk}/delete/"
    assert editor.post(page, {"post": "yes"}).status_code == 302
    device.refresh_from_db()
    assert device.state == "withdrawn"
    assert "quote" in editor.get(f"/admin/documents/citation/{CitationFactory().pk}/change/").text


EVENT = {
    "kind": "drone_flight",
    "state": "present",
    "verification": "verified",
    "location": f'{{"type":"Point","coordinates":[{LON},{LAT}]}}',
    "area": "",
    "starts_at_0": "2026-05-01",
    "starts_at_1": "10:00",
    "ends_at_0": "2026-05-01",
    "ends_at_1": "12:00",
}


def test_an_editor_writes_an_event_and_it_knows_its_city(editor):
    city = CityFactory()
    assert "data-location-widget" in editor.get("/admin/sightings/event/add/").text
    assert editor.post("/admin/sightings/event/add/", EVENT).status_code == 302
    event = Event.objects.get()
    assert (event.city, event.location.srid) == (city, 4326)
    page = editor.get(f"/admin/sightings/event/{event.pk}/change/").text
    assert "coordinates" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"location": ""},
        {"location": "nonsense"},
        {"location": '{"type":"Point"}'},
        {"location": '{"type":"Point","coordinates":[2,95]}'},
        {"location": '{"type":"Point","coordinates":[NaN,2]}'},
        {"location": "", "area": "MULTIPOLYGON (((0 0, 1 1, 1 0, 0 1, 0 0)))"},
        {"area": "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"},
        {"ends_at_1": "09:00"},
        {"kind": "balloon"},
    ],
)
def test_an_event_with_a_mistake_comes_back(editor, wrong):
    answer = editor.post("/admin/sightings/event/add/", EVENT | wrong)
    assert answer.status_code == 200
    assert "errorlist" in answer.text or "errornote" in answer.text
    assert not Event.objects.exists()


# --- the page itself ------------------------------------------------------------------------------


def test_no_page_of_the_admin_holds_what_the_csp_refuses(oscar):
    browser = browser_of(oscar)
    city, event, dossier = CityFactory(), EventFactory(), DossierFactory()
    pages = ["/admin/", "/admin/password_change/"]
    for model in REGISTERED:
        pages.append(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
    for row in (city, event, dossier, DocumentFactory(), CitationFactory(), oscar):
        meta = row._meta
        pages.append(f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/change/")
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert not re.search(
            r"<[^>]+\s(style|on\w+)=|<style|<script(?![^>]*(src=|application/json))", answer.text
        ), page
        foreign = re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]+', answer.text)
        assert foreign == [], page
