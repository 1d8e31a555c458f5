"""Editors who are limited to cities: what they may write, and the 403 that says why not."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from mapper.accounts.actions import change_access
from mapper.accounts.models import User
from mapper.documents import actions as documents
from mapper.dossiers import actions as dossiers
from mapper.dossiers.models import Dossier, Link, Statement
from mapper.errors import Forbidden
from mapper.sightings.actions import save_event
from tests.factories import (
    LAT,
    LON,
    PASSWORD,
    CitationFactory,
    CityFactory,
    DocumentFactory,
    EventFactory,
    box,
    make_device,
    point,
)
from tests.people import browser_of

pytestmark = pytest.mark.django_db
MAPPER = Path(__file__).resolve().parents[3] / "mapper"
# Actions that ask who writes; each door must say so.
ASKING = {
    *("add_document", "edit_document", "publish_document", "withdraw_document"),
    *("cite", "remove_citation", "save_event", "save_dossier", "save_statement"),
    *("save_link", "remove_statement", "remove_link"),
}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def rennes():
    return CityFactory(code="35238")


@pytest.fixture
def nantes():
    boundary = box(LON + 1, LAT + 1, LON + 2, LAT + 2)
    return CityFactory(code="44109", name="Nantes", boundary=boundary)


@pytest.fixture
def limited(erin, rennes):
    """Return Erin, who writes about Rennes alone."""
    erin.cities.set([rennes])
    return erin


@pytest.fixture
def of_nantes(nantes):
    return document_of(nantes)


@pytest.fixture
def of_rennes(rennes):
    return document_of(rennes)


def document_of(*cities, **facts):
    document = DocumentFactory(**facts)
    document.cities.set(cities)
    document.pages.create(number=2, text="vingt caméras")
    return document


def facts_of(document, cities):
    names = ("title", "type", "dated_on", "source_url", "licence", "language")
    return {name: getattr(document, name) for name in names} | {"cities": cities}


# --- who may ------------------------------------------------------------------------------------


def test_without_a_limit_everything_is_theirs(erin, rennes, nantes):
    assert erin.may_write_about([rennes, nantes])
    assert erin.may_write_about([])


def test_a_limit_lets_through_its_own_cities_and_nothing_that_has_none(limited, rennes, nantes):
    assert limited.may_write_about([rennes])
    for others in ([nantes], [rennes, nantes], [], [None], [rennes, None]):
        assert not limited.may_write_about(others)


def test_a_limit_holds_for_moderators_who_write_and_never_for_operators(alice, oscar, nantes):
    rennes = CityFactory()
    for person in (alice, oscar):
        person.cities.set([rennes])
    assert not alice.may_write_about([nantes])
    assert oscar.may_write_about([nantes])


# --- the actions --------------------------------------------------------------------------------


def test_documents_of_other_cities_are_refused_by_the_actions(
    limited, of_nantes, of_rennes, rennes, nantes
):
    refused = [
        lambda: documents.add_document(data=b"", title="x", cities=[nantes], editor=limited),
        lambda: documents.add_document(data=b"", title="x", editor=limited),
        lambda: documents.publish_document(document=of_nantes, editor=limited),
        lambda: documents.withdraw_document(document=of_nantes, reason="x", editor=limited),
        lambda: documents.edit_document(
            document=of_nantes, editor=limited, **facts_of(of_nantes, [rennes])
        ),
        lambda: documents.edit_document(
            document=of_rennes, editor=limited, **facts_of(of_rennes, [nantes])
        ),
        lambda: documents.cite(document=of_nantes, page=2, quote="vingt caméras", editor=limited),
        lambda: documents.remove_citation(
            citation=CitationFactory(document=of_nantes), editor=limited
        ),
    ]
    for act in refused:
        with pytest.raises(Forbidden, match="Rennes"):
            act()
    documents.edit_document(document=of_rennes, editor=limited, **facts_of(of_rennes, [rennes]))
    documents.withdraw_document(document=of_rennes, reason="x", editor=limited)


def test_a_document_of_one_s_city_says_nothing_of_another_city(limited, of_rennes, nantes):
    there = make_device(location=point(LON + 1.5, LAT + 1.5))
    assert there.city == nantes
    said = {"document": of_rennes, "page": 2, "quote": "vingt caméras", "editor": limited}
    from geo.position import LonLat

    with pytest.raises(Forbidden):
        documents.cite(device=there, **said)
    with pytest.raises(Forbidden):
        documents.cite(location=LonLat(LON + 1.5, LAT + 1.5), **said)
    documents.cite(device=make_device(), **said)


def test_dossiers_and_events_of_other_cities_are_refused_by_the_actions(limited, rennes, nantes):
    theirs, mine = Dossier.objects.create(city=nantes), Dossier.objects.create(city=rennes)
    statement = Statement(dossier=theirs, position=0, text="x")
    link = Link(dossier=theirs, kind="site", title="x", url="https://example.org/")
    moved = Dossier.objects.get(id=theirs.id)
    moved.city = rennes
    away = EventFactory(location=point(LON + 1.5, LAT + 1.5))
    refused = [
        lambda: dossiers.save_dossier(dossier=theirs, editor=limited),
        lambda: dossiers.save_dossier(dossier=moved, editor=limited),
        lambda: dossiers.save_statement(statement=statement, editor=limited),
        lambda: dossiers.remove_statement(statement=statement, editor=limited),
        lambda: dossiers.save_link(link=link, editor=limited),
        lambda: dossiers.remove_link(link=link, editor=limited),
        lambda: save_event(event=away, editor=limited),
    ]
    for act in refused:
        with pytest.raises(Forbidden):
            act()
    dossiers.save_dossier(dossier=mine, editor=limited)
    save_event(event=save_event(event=EventFactory()), editor=limited)


def test_every_door_says_who_writes():
    silent = []
    for path in [*MAPPER.glob("web/*.py"), *MAPPER.glob("api/**/*.py"), *MAPPER.glob("*/admin.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).split(".")[-1]
            if name in ASKING and "editor" not in {keyword.arg for keyword in node.keywords}:
                silent.append((path.name, name))
    assert silent == []


# --- the doors ----------------------------------------------------------------------------------


def test_the_desk_of_another_city_s_document_answers_403_and_says_why(limited, of_nantes):
    browser = browser_of(limited)
    desk = f"/en/documents/{of_nantes.slug}/desk/"
    assert browser.get(desk).status_code == 200
    posts = {
        "publish/": {},
        "withdraw/": {"reason": "x"},
        "cite/": {"page": 2, "quote": "vingt caméras"},
    }
    for name, fields in posts.items():
        answer = browser.post(desk + name, fields)
        assert answer.status_code == 403, name
        assert "Your account writes about these cities alone: Rennes." in answer.text
    of_nantes.refresh_from_db()
    assert of_nantes.is_public
    assert not of_nantes.citations.exists()


def test_the_admin_shows_other_cities_and_changes_only_one_s_own(limited, rennes, nantes):
    theirs, mine = Dossier.objects.create(city=nantes), Dossier.objects.create(city=rennes)
    browser = browser_of(limited)
    forms = {
        "statements-TOTAL_FORMS": 0, "statements-INITIAL_FORMS": 0,
        "links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0,
    }  # fmt: skip
    for dossier, status in ((theirs, 403), (mine, 302)):
        address = f"/admin/dossiers/dossier/{dossier.pk}/change/"
        assert browser.get(address).status_code == 200
        said = {"city": dossier.city_id, "introduction": "new", **forms}
        assert browser.post(address, said).status_code == status
    assert list(Dossier.objects.filter(introduction="new")) == [mine]
    said = {"city": nantes.pk, "introduction": "new", **forms}
    theirs.delete()
    assert browser.post("/admin/dossiers/dossier/add/", said).status_code == 403
    assert not Dossier.objects.filter(city=nantes).exists()
    city = f"/admin/places/city/{nantes.pk}/change/"
    assert browser.post(city, {"population": 1, "notice": ""}).status_code == 403


def test_the_admin_s_documents_and_citations_follow_the_limit(limited, of_nantes):
    browser = browser_of(limited)
    citation = CitationFactory(document=of_nantes)
    delete = f"/admin/documents/citation/{citation.pk}/delete/"
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    change = f"/admin/documents/document/{of_nantes.pk}/change/"
    assert browser.post(change, facts_of(of_nantes, [])).status_code == 403


# --- who sets them ------------------------------------------------------------------------------


def test_the_command_limits_an_account_to_cities(monkeypatch, rennes, nantes):
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    call_command(
        "create_staff", "dora", role="editor", city=["35238", nantes.slug], stdout=StringIO()
    )
    assert set(User.objects.get().cities.all()) == {rennes, nantes}


def test_an_unknown_city_makes_no_account(monkeypatch, rennes):
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="no city '99999'") as failure:
        call_command("create_staff", "dora", "--role=editor", "--city=35238", "--city=99999")
    assert failure.value.returncode == 2
    assert not User.objects.exists()


def test_operators_set_and_lift_limits_in_the_admin_and_nobody_else(oscar, alice, erin, rennes):
    address = f"/admin/accounts/user/{erin.pk}/change/"
    said = {"role": "editor", "is_active": "on", "cities": [rennes.pk]}
    assert browser_of(alice).post(address, said).status_code == 403
    assert browser_of(oscar).post(address, said).status_code == 302
    assert list(erin.cities.all()) == [rennes]
    assert "Rennes" in browser_of(oscar).get(address).text
    browser_of(oscar).post(address, said | {"cities": []})
    assert not erin.cities.exists()


def test_a_change_of_role_alone_keeps_the_cities(limited, oscar):
    change_access(user=limited, role="editor", is_active=True, actor=oscar)
    assert limited.cities.count() == 1
