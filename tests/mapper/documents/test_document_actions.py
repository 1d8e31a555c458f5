"""Documents taken in, published, withdrawn and cited."""

import uuid

import pikepdf
import pytest
from django.utils import translation

from geo.position import LonLat
from mapper.documents.actions import (
    add_document,
    cite,
    file_path,
    publish_document,
    remove_citation,
    withdraw_document,
)
from mapper.documents.models import Citation, Document
from mapper.errors import BadInput, Conflict, NotFound, TooLarge
from mapper.sightings.actions import erase_device
from mapper.sightings.models import Claim, Device
from tests.evidence import make_city, make_device, make_document
from tests.papers import locked_paper, paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    """Let messages be read here in the language they are written in."""
    with translation.override("en"):
        yield


def test_a_document_has_its_pages_and_a_clean_file():
    document = add_document(data=paper(["un", "deux"], hidden=True), title="Arrêté du 12 mai")
    assert (document.slug, document.page_count, document.is_public) == (
        "arrete-du-12-mai",
        2,
        False,
    )
    assert list(document.pages.values_list("number", "text")) == [(1, "un"), (2, "deux")]
    data = file_path(document).read_bytes()
    assert data.startswith(b"%PDF-")
    assert b"SECRET" not in data
    assert len(data) == document.size_bytes
    with pikepdf.open(file_path(document)) as copy:
        assert len(copy.pages) == 2
    assert file_path(document).stat().st_mode & 0o077 == 0


def test_the_same_file_is_one_document():
    data = paper()
    first = add_document(data=data, title="Un titre")
    again = add_document(data=data, title="Un autre titre", is_public=True)
    assert (again.id, again.title, again.is_public) == (first.id, "Un titre", False)
    assert Document.objects.count() == 1
    assert len(list(file_path(first).parent.iterdir())) == 1


def test_two_files_of_one_title_have_two_addresses():
    slugs = {add_document(data=paper([text]), title="Contrat").slug for text in ("a", "b")}
    assert len(slugs) == 2


@pytest.mark.parametrize("title", ["new", "New!", "!!!", "合同"])
def test_a_title_never_takes_an_address_of_ours(title):
    assert add_document(data=paper(), title=title).slug not in ("", "new")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"title": " \x00"}, "title"),
        ({"title": "x" * 301}, "301"),
        ({"type": "novel"}, "council_vote"),
        ({"dated_on": "12/05/2024"}, "12/05/2024"),
        ({"language": "de"}, "de"),
        ({"source_url": "javascript:alert(1)"}, "https://"),
        ({"source_url": "ftp://example.org/a.pdf"}, "https://"),
        ({"data": b"not a pdf"}, "PDF"),
        ({"data": locked_paper()}, "password"),
    ],
)
def test_what_is_wrong_is_said_and_leaves_nothing(facts, words, settings):
    with pytest.raises(ValueError if "dated_on" in facts else BadInput) as refusal:
        add_document(**({"data": paper(), "title": "Contrat"} | facts))
    assert words in str(refusal.value)
    assert not Document.objects.exists()
    folder = settings.MEDIA_ROOT / "documents"
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_that_is_too_large_is_refused_before_it_is_opened(monkeypatch):
    monkeypatch.setattr("mapper.documents.actions.MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        add_document(data=paper(), title="Contrat")


def test_a_failing_database_leaves_no_file(monkeypatch, settings):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("mapper.documents.actions.Page.objects.bulk_create", fail)
    with pytest.raises(RuntimeError):
        add_document(data=paper(), title="Contrat")
    assert not list((settings.MEDIA_ROOT / "documents").iterdir())
    assert not Document.objects.exists()


def test_a_citation_declares_a_device_that_nobody_has_seen():
    make_city()
    document = make_document(["Une caméra dôme place\nde la Mairie"])
    citation = cite(
        document=document,
        page=1,
        quote="caméra  dôme place de la Mairie",
        location=LonLat(-1.68, 48.11),
        attributes={"kind": "camera", "camera_type": "dome", "capabilities": ["zoom"]},
    )
    device = citation.claim.device
    assert (device.verification, device.kind, device.sources) == (
        "declared",
        "camera",
        ["document"],
    )
    assert device.city.name == "Rennes"
    assert device.capabilities.get().name == "zoom"


def test_a_citation_on_a_known_device_does_not_change_who_saw_it():
    device = make_device()
    document = make_document(["La caméra est louée à ACME"])
    cite(
        document=document,
        page=1,
        quote="louée à ACME",
        device=device,
        attributes={"operator": "ACME"},
    )
    device.refresh_from_db()
    assert (device.verification, device.operator) == ("verified", "ACME")
    assert device.sources == ["document", "walker"]


def test_paper_never_verifies():
    device = make_device(source="osm")
    document = make_document(["La caméra est là"])
    cite(document=document, page=1, quote="La caméra", device=device, attributes={"zone": "town"})
    device.refresh_from_db()
    assert device.verification == "osm_only"


def test_a_citation_alone_makes_no_claim():
    citation = cite(document=make_document(["Le maire"]), page=1, quote="Le maire")
    assert citation.claim is None
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("given", "refusal", "words"),
    [
        ({"page": 3}, NotFound, "3"),
        ({"page": 0}, NotFound, "0"),
        ({"quote": "trente caméras"}, BadInput, "page 1"),
        ({"quote": "page deux"}, BadInput, "2"),
        ({"quote": "  "}, BadInput, "0"),
        ({"quote": "x" * 2001}, BadInput, "2001"),
        ({"attributes": {"kind": "camera"}}, BadInput, ""),
        ({"device": Device(), "event": object()}, BadInput, ""),
    ],
)
def test_a_citation_that_does_not_hold_is_refused(given, refusal, words):
    document = make_document(["Douze caméras", "page deux"])
    with pytest.raises(refusal) as said:
        cite(**({"document": document, "page": 1, "quote": "Douze caméras"} | given))
    assert words in str(said.value)
    assert not Citation.objects.exists()
    assert not Claim.objects.exists()


def test_quotes_are_found_however_the_page_is_typeset():
    document = make_document(["l’af\nfichage   des « images »"])
    assert cite(document=document, page=1, quote="l'af fichage des « images »").page == 1


def test_what_is_not_open_to_read_is_not_cited():
    document = make_document(is_public=False)
    with pytest.raises(Conflict):
        cite(document=document, page=1, quote="douze")


def test_a_withdrawn_document_closes_its_claims_and_publishing_reopens_them():
    document = make_document(["Une caméra ici, une là"])
    here = cite(document=document, page=1, quote="ici", location=LonLat(1, 45)).claim
    there = cite(document=document, page=1, quote="là", location=LonLat(1, 46)).claim
    known = make_device()
    cite(document=document, page=1, quote="Une caméra", device=known)
    device, erased = here.device, there.device
    with pytest.raises(BadInput):
        withdraw_document(document=document, reason=" ")
    withdraw_document(document=document, reason="Sur demande de l'auteur")
    for changed in (device, known):
        changed.refresh_from_db()
    assert (device.state, known.state, known.sources) == ("withdrawn", "present", ["walker"])
    with pytest.raises(Conflict):
        withdraw_document(document=document, reason="encore")
    erase_device(device=erased, decision=uuid.uuid4())
    again = publish_document(document=document)
    device.refresh_from_db()
    erased.refresh_from_db()
    assert (again.is_public, again.notice, device.state) == (True, "", "present")
    assert erased.state == "erased"


def test_a_citation_taken_back_closes_its_claim():
    document = make_document(["Une caméra"])
    citation = cite(document=document, page=1, quote="Une", location=LonLat(1, 45))
    device = citation.claim.device
    remove_citation(citation=citation)
    device.refresh_from_db()
    assert device.state == "withdrawn"
    assert not Citation.objects.exists()
