"""Documents for everybody, and the editors' desk."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from geo.position import LonLat
from mapper.accounts.models import Role, User
from mapper.documents.actions import cite, file_path, withdraw_document
from mapper.documents.models import Citation, Document
from mapper.dossiers.actions import add_statement
from tests.evidence import make_city, make_device, make_document
from tests.papers import locked_paper, paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("edith", password="x" * 14, is_staff=True, role=Role.EDITOR)


@pytest.fixture
def desk(client, editor):
    """Return a client that an editor has logged in with."""
    client.force_login(editor)
    return client


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_list_and_its_filters(client, prefix):
    city = make_city()
    make_document(title="Un vote", type="council_vote", cities=[city], dated_on="2024-05")
    make_document(["marché"], title="Un contrat", type="contract")
    make_document(["secret"], title="Un brouillon", is_public=False)
    text = client.get(f"{prefix}/documents/").text
    assert "Un vote" in text
    assert "Un contrat" in text
    assert "Un brouillon" not in text
    filtered = client.get(f"{prefix}/documents/?type=contract").text
    assert "Un contrat" in filtered
    assert "Un vote" not in filtered
    for code in ("35238", "rennes-35238"):
        here = client.get(f"{prefix}/documents/?city={code}").text
        assert "Un vote" in here
        assert "Un contrat" not in here


@pytest.mark.parametrize("query", ["type=novel", "city=99999", "city=%00", "page=x", "q=a&page=0"])
def test_unknown_filters_are_refused(client, query):
    assert client.get(f"/documents/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "q=%22", "q=" + "a" * 900, "q=%3Cscript%3E", "page=99"])
def test_odd_searches_are_answered(client, query):
    make_document()
    answer = client.get(f"/documents/?{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_a_search_shows_where_the_words_stand(client, django_assert_max_num_queries):
    for number in range(25):
        make_document(
            ["rien", f"Article {number} : les <b>caméras</b> & micros", "fin"],
            title=f"Arrêté {number}",
        )
    make_document(["caméras cachées"], title="Secret", is_public=False)
    with django_assert_max_num_queries(6):
        text = client.get("/en/documents/?q=camera").text
    assert "<mark>caméras</mark>" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "?page=2#page=2" in text
    assert "/file.pdf#page=2" in text
    assert "25 pages" in text
    assert "q=camera&amp;type=&amp;city=&amp;page=2" in text
    assert "Secret" not in text
    assert "cachées" not in text
    assert "Nothing found" in client.get("/en/documents/?q=zeppelin").text


def test_titles_are_searched_too(client):
    make_document(["rien"], title="Marché de location")
    assert "Marché de location" in client.get("/documents/?q=location").text


def test_a_document_shows_its_pages_and_what_cites_it(client):
    city = make_city()
    document = make_document(
        ["première", "la caméra de la place", ""],
        title="Contrat",
        cities=[city],
        source_url="https://rennes.example/contrat.pdf",
        licence="LO 2.0",
        dated_on="2024-05-12",
    )
    device = make_device()
    on_device = cite(document=document, page=2, quote="la caméra", device=device)
    hidden = cite(document=document, page=2, quote="la place", location=LonLat(-1.65, 48.15))
    add_statement(city=city, text="Vu", citations=[on_device])
    text = client.get("/en/documents/contrat/").text
    for words in (
        'id="page=2"',
        "la caméra de la place",
        "This page has no text in it",
        f"/en/devices/{device.id}/",
        f"/en/devices/{hidden.claim.device_id}/",
        "/en/cities/rennes-35238/",
        "https://rennes.example/contrat.pdf",
        "LO 2.0",
        document.sha256,
        "/documents/contrat/file.pdf",
    ):
        assert words in text, words
    device_page = client.get(f"/en/devices/{device.id}/").text
    assert "la caméra" in device_page
    assert "/en/documents/contrat/" in device_page


def test_a_long_document_is_shown_in_parts(client, django_assert_max_num_queries):
    make_document([f"page numéro {n}" for n in range(1, 61)], title="Long")
    with django_assert_max_num_queries(8):
        text = client.get("/documents/long/?page=30").text
    assert 'id="page=30"' in text
    assert 'id="page=26"' in text
    assert 'id="page=25"' not in text
    assert "?page=51#text" in text
    assert client.get("/documents/long/?page=999").status_code == 200
    assert client.get("/documents/long/?page=0").status_code == 400


def test_what_is_not_public_is_nowhere_and_what_was_withdrawn_is_gone(client):
    draft = make_document(["brouillon"], title="Brouillon", is_public=False)
    gone = make_document(["retirer"], title="Retiré")
    withdraw_document(document=gone, reason="Sur demande")
    for address in ("", "file.pdf"):
        assert client.get(f"/documents/{draft.slug}/{address}").status_code == 404
        answer = client.get(f"/documents/{gone.slug}/{address}")
        assert answer.status_code == 410
        assert "Sur demande" in answer.text
    text = client.get("/documents/").text + client.get("/documents/?q=brouillon+or+retirer").text
    assert "/documents/brouillon/" not in text
    assert "/documents/retire/" not in text


def test_the_file_is_the_clean_copy_and_can_be_read_in_parts(client):
    document = make_document()
    address = "/documents/deliberation/file.pdf"
    answer = client.get(address)
    data = b"".join(answer.streaming_content)
    assert data == file_path(document).read_bytes()
    with pikepdf.open(io.BytesIO(data)) as copy:
        assert len(copy.pages) == 1
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"] == 'inline; filename="deliberation.pdf"'
    assert "Last-Modified" not in answer
    assert not answer.cookies
    part = client.get(address, headers={"Range": "bytes=0-4"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"%PDF-")
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(address, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.post(address).status_code == 405
    file_path(document).unlink()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/documents/new/",
        "/documents/deliberation/desk/",
        "/en/documents/new/",
    ],
)
def test_strangers_are_sent_to_the_login(client, address):
    make_document()
    answer = client.get(address)
    assert answer.status_code == 302
    assert "/staff/login/" in answer["Location"]
    for act in ("publish", "withdraw", "cite"):
        answer = client.post(f"/documents/deliberation/desk/{act}/")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/staff/login/")


def upload(data, **fields):
    given = {"title": "Marché", "type": "contract", "language": "fr", "cities": "35238"}
    return {"file": SimpleUploadedFile("a.pdf", data, "application/pdf")} | given | fields


def test_an_editor_takes_a_document_in_and_publishes_it(desk):
    make_city()
    answer = desk.post("/documents/new/", upload(paper(["un marché"], hidden=True)))
    assert (answer.status_code, answer["Location"]) == (302, "/documents/marche/desk/")
    assert desk.get("/documents/marche/").status_code == 404
    page = desk.get("/documents/marche/desk/")
    assert "un marché" in page.text
    assert page["Cache-Control"] == "no-store"
    assert "Marché" in desk.get("/documents/new/").text
    assert desk.post("/documents/marche/desk/publish/").status_code == 302
    assert desk.get("/documents/marche/").status_code == 200
    assert Document.objects.get().cities.get().code == "35238"


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"no pdf", {}),
        (locked_paper(), {}),
        (paper(), {"cities": "99999"}),
        (paper(), {"dated_on": "hier"}),
        (paper(), {"source_url": "javascript:1"}),
        (paper(), {"title": ""}),
        (paper(), {"type": "novel"}),
    ],
)
def test_an_upload_that_can_not_be_taken_says_why_and_keeps_what_was_typed(desk, data, fields):
    make_city()
    answer = desk.post("/documents/new/", upload(data, **({"licence": "LO 2.0"} | fields)))
    assert answer.status_code == 400
    assert "LO 2.0" in answer.text
    assert not Document.objects.exists()


def test_an_editor_cites_and_withdraws(desk):
    make_city()
    make_document(["Une caméra, place du Parlement"])
    wrong = desk.post("/documents/deliberation/desk/cite/", {"page": 1, "quote": "dix caméras"})
    assert wrong.status_code == 400
    assert "dix caméras" in wrong.text
    half = {"page": 1, "quote": "Une caméra", "lat": 48.15}
    assert desk.post("/documents/deliberation/desk/cite/", half).status_code == 400
    far = half | {"lon": 400}
    assert desk.post("/documents/deliberation/desk/cite/", far).status_code == 400
    unknown = {"page": 1, "quote": "Une caméra", "device": "0" * 32}
    assert desk.post("/documents/deliberation/desk/cite/", unknown).status_code == 400
    good = half | {"lon": -1.65, "kind": "camera"}
    assert desk.post("/documents/deliberation/desk/cite/", good).status_code == 302
    assert Citation.objects.get().claim.device.verification == "declared"
    assert desk.post("/documents/deliberation/desk/withdraw/", {"reason": ""}).status_code == 400
    answer = desk.post("/documents/deliberation/desk/withdraw/", {"reason": "Objection"})
    assert answer.status_code == 302
    assert desk.get("/documents/deliberation/").status_code == 410


def test_a_forged_post_is_refused(editor):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    make_document(is_public=False)
    assert strict.post("/documents/deliberation/desk/publish/").status_code == 403
    assert not Document.objects.get().is_public
