"""`import_documents`: a folder and its index."""

import csv
import io
import os

import pytest
from django.core.management import call_command
from django.utils import translation

from mapper.documents.actions import withdraw_document
from mapper.documents.models import Document
from mapper.errors import CommandFailure
from tests.evidence import make_city
from tests.papers import locked_paper, paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    """Let messages be read here in the language they are written in."""
    with translation.override("en"):
        yield


HEADER = ["file", "title", "type", "date", "cities", "source_url", "licence"]


def make_index(folder, *rows, header=HEADER, name="index.csv", encoding="utf-8"):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    (folder / name).write_text(out.getvalue(), encoding=encoding)


def run(folder, *arguments):
    """Return the exit code, what it said and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("import_documents", str(folder), *arguments, stdout=out, stderr=err)
    except CommandFailure as failure:
        code = failure.returncode
        err.write(str(failure))
    return code, out.getvalue(), err.getvalue()


def test_a_folder_is_taken_once(tmp_path):
    make_city()
    make_city("29019", "Brest", west=-4.6, south=48.3)
    folder = tmp_path / "papers"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.pdf").write_bytes(paper(["douze caméras"]))
    (folder / "sub" / "b.pdf").write_bytes(paper(["un marché"]))
    (folder / "c.pdf").write_bytes(paper(["pas nommé"]))
    make_index(
        folder,
        [
            "a.pdf",
            "Délibération",
            "délibération",
            "2024-05-12",
            "35238; 29019",
            "https://a.org/x",
            "LO",
        ],
        ["sub/b.pdf", "Marché", "contract", "2023", "", "", ""],
        encoding="utf-8-sig",
    )
    code, out, err = run(folder)
    assert (code, err) == (0, "")
    assert "2 taken" in out
    assert "not in the index: c.pdf" in out
    first = Document.objects.get(title="Délibération")
    assert (first.type, first.dated_on, first.licence) == ("council_vote", "2024-05-12", "LO")
    assert first.is_public
    assert first.cities.count() == 2
    code, out, err = run(folder)
    assert (code, Document.objects.count()) == (0, 2)
    assert "0 taken, 2 known" in out


def test_unpublished_ones_wait_for_an_editor(tmp_path):
    (tmp_path / "a.pdf").write_bytes(paper())
    make_index(tmp_path, ["a.pdf", "A", "", "", "", "", ""])
    assert run(tmp_path, "--unpublished")[0] == 0
    assert not Document.objects.get().is_public


def test_each_refusal_has_its_reason_and_the_rest_is_taken(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (tmp_path / "outside.pdf").write_bytes(paper())
    (folder / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    (folder / "good.pdf").write_bytes(paper())
    (folder / "locked.pdf").write_bytes(locked_paper())
    (folder / "text.pdf").write_text("no pdf")
    rows = {
        "../outside.pdf": "outside the folder",
        "link.pdf": "outside the folder",
        str(tmp_path / "outside.pdf"): "outside the folder",
        "missing.pdf": "no file",
        "": "no file",
        "locked.pdf": "password",
        "text.pdf": "PDF",
    }
    make_index(
        folder,
        *([name, "Titre", "", "", "", "", ""] for name in rows),
        ["good.pdf", "Titre", "novel", "", "", "", ""],
        ["good.pdf", "Titre", "", "12/05/2024", "", "", ""],
        ["good.pdf", "Titre", "", "", "99999", "", ""],
        ["good.pdf", "Titre", "", "", "", "javascript:1", ""],
        ["good.pdf", "", "", "", "", "", ""],
        ["good.pdf", "Titre", "", "", "", "", ""],
    )
    code, out, err = run(folder)
    assert code == 1
    assert Document.objects.count() == 1
    assert "1 taken, 0 known already, 12 refused" in out
    complaints = err.splitlines()
    for name, reason in rows.items():
        assert any(name in line and reason in line for line in complaints), name
    for reason in ("novel", "12/05/2024", "99999", "javascript:1"):
        assert any(reason in line for line in complaints)


def test_a_withdrawn_document_does_not_come_back_by_import(tmp_path):
    (tmp_path / "a.pdf").write_bytes(paper())
    make_index(tmp_path, ["a.pdf", "A", "", "", "", "", ""])
    run(tmp_path)
    withdraw_document(document=Document.objects.get(), reason="objection")
    code, _, err = run(tmp_path)
    assert code == 1
    assert "objection" in err
    assert not Document.objects.get().is_public


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: None, "index.csv"),
        (lambda folder: make_index(folder, header=["file", "name"]), "title"),
        (lambda folder: make_index(folder, header=["file", "title", "licenze"]), "licenze"),
        (lambda folder: make_index(folder, header=["file", "title", "title"]), "columns"),
        (lambda folder: make_index(folder, ["é.pdf", "é"], encoding="latin-1"), "UTF-8"),
        (lambda folder: make_index(folder, ["a"] * 9), "more cells"),
        (lambda folder: (folder / "index.csv").write_bytes(b'file,title\n"a'), "CSV"),
        (lambda folder: (folder / "index.csv").write_bytes(b"file,title\n\x00,b"), "CSV"),
        (lambda folder: (folder / "index.csv").write_bytes(b""), "columns"),
        (lambda folder: (folder / "index.csv").mkdir(), "is not a file"),
        (lambda folder: os.mkfifo(folder / "index.csv"), "is not a file"),
        (make_index, "no rows"),
        (lambda folder: [make_index(folder, name=n) for n in ("a.csv", "b.csv")], "a.csv, b.csv"),
    ],
)
def test_an_unfit_index_stops_all_with_one_line(tmp_path, make, words):
    make(tmp_path)
    code, out, err = run(tmp_path)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_what_is_no_folder_is_refused(tmp_path):
    assert run(tmp_path / "absent")[0] == 2


def test_an_empty_name_is_not_the_current_folder(tmp_path, monkeypatch):
    make_index(tmp_path, ["a.pdf", "A", "", "", "", "", ""])
    monkeypatch.chdir(tmp_path)
    code, out, err = run("")
    assert (code, out) == (2, "")
    assert err == "The folder's name is empty; write . for the current folder."


def test_codes_shared_by_two_countries_ask_for_a_slug(tmp_path):
    make_city()
    make_city(name="Renania", country="DE", west=7)
    (tmp_path / "a.pdf").write_bytes(paper())
    make_index(tmp_path, ["a.pdf", "A", "", "", "35238", "", ""])
    code, _, err = run(tmp_path)
    assert code == 1
    assert "rennes-35238" in err
