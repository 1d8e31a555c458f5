"""The reading and cleaning of PDFs, in the sandbox and out of it."""

import contextlib
import io
import re
import shutil
import subprocess

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mapper import sandbox
from mapper.documents import pdf
from mapper.documents.embedded_pictures import without_jpeg2000_metadata, without_jpeg_metadata
from tests.papers import locked_paper, paper, photo_with_a_position

CALM = settings(max_examples=60, deadline=None)


def plain_bytes(data: bytes) -> bytes:
    """Return a PDF with every stream unpacked."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.save(
            out,
            qdf=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return out.getvalue()


def test_the_text_of_each_page_is_read():
    values, parts = pdf.take(paper(["Première page", "Deuxième page :\nl'arrêté"]))
    assert values == {"pages": ["Première page", "Deuxième page :\nl'arrêté"], "cut": []}
    assert len(parts) == 1


def test_a_page_without_text_is_empty():
    assert pdf.take(paper([""]))[0]["pages"] == [""]


def test_the_copy_holds_nothing_hidden():
    source = paper(hidden=True)
    seeded = plain_bytes(source)
    assert seeded.count(b"SECRET") >= 8
    copy = pdf.clean_copy(source)
    for word in (b"SECRET", b"JavaScript", b"OpenAction", b"EmbeddedFile", b"Metadata", b"/AA"):
        assert word not in plain_bytes(copy)
        assert word not in copy
    assert b"Exif" not in plain_bytes(copy)
    assert list(pdf.page_texts(copy)) == list(pdf.page_texts(source))


def test_a_photo_in_the_copy_keeps_its_pixels():
    with pikepdf.open(io.BytesIO(pdf.clean_copy(paper(hidden=True)))) as copy:
        image = pikepdf.PdfImage(copy.pages[0].Resources.XObject.Photo)
        assert image.as_pil_image().getpixel((3, 3))[0] > 150


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_finds_nothing_personal_in_the_copy(tmp_path):
    path = tmp_path / "copy.pdf"
    path.write_bytes(pdf.clean_copy(paper(hidden=True)))
    found = subprocess.run(
        ["exiftool", "-a", "-G1", "-s", "-ee", str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    groups = set(re.findall(r"^\[(.*?)\]", found, flags=re.M))
    assert groups <= {"ExifTool", "System", "File", "PDF"}
    assert "Author" not in found
    assert "GPS" not in found


def test_the_same_bytes_give_the_same_copy():
    source = paper(hidden=True)
    assert pdf.clean_copy(source) == pdf.clean_copy(source)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-a-pdf"),
        (b"GIF89a", "not-a-pdf"),
        (b"%PDF-1.7\nnothing more", "broken"),
        (locked_paper(), "encrypted"),
    ],
)
def test_what_is_not_taken_says_why(data, reason):
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.take(data)
    assert refused.value.reason == reason


def test_the_copy_of_a_paper_that_lost_its_end_is_whole():
    whole, cut_off = pikepdf.new(), io.BytesIO()
    whole.add_blank_page()
    whole.save(cut_off)
    copy = pdf.clean_copy(cut_off.getvalue().partition(b"trailer")[0].partition(b"xref\n")[0])
    with pikepdf.open(io.BytesIO(copy)) as opened:
        assert len(opened.pages) == 1
        assert not opened.get_warnings()


def test_a_page_tree_that_leads_round_in_a_circle_is_refused():
    with pikepdf.open(io.BytesIO(paper(["a", "b"]))) as opened:
        tree = opened.Root.Pages
        tree.Kids.append(tree)
        out = io.BytesIO()
        opened.save(out)
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.take(out.getvalue())
    assert refused.value.reason == "cyclic"


def test_a_form_that_draws_itself_is_refused():
    with pikepdf.open(io.BytesIO(paper())) as opened:
        opened.Root.AcroForm = pikepdf.Dictionary(XFA=opened.make_stream(b"<xdp/>"))
        opened.Root.NeedsRendering = True
        out = io.BytesIO()
        opened.save(out)
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.take(out.getvalue())
    assert refused.value.reason == "dynamic-form"


def test_limits_hold():
    many = paper(["a"] * 5)
    with pytest.raises(pdf.PdfRefused, match="too-many-pages"):
        pdf.take(many, max_pages=4)
    with pytest.raises(pdf.PdfRefused, match="too-much-text"):
        pdf.take(many, max_characters=3)
    values, _ = pdf.take(paper(["abcdef"]), max_page_characters=4)
    assert values == {"pages": ["abcd"], "cut": [1]}


@given(st.text())
@CALM
def test_cleaned_text_can_be_stored(text):
    clean = pdf.cleaned(text)
    assert "\x00" not in clean
    assert "\x02" not in clean
    assert "\x03" not in clean
    clean.encode("utf-8")
    assert pdf.cleaned(clean) == clean


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 2000))
@CALM
def test_damaged_papers_are_taken_or_refused(noise, start, length):
    source = paper(["texte"], hidden=True)
    damaged = source[:start] + noise + source[start + length :]
    with contextlib.suppress(pdf.PdfRefused):
        values, parts = pdf.take(damaged)
        assert parts[0].startswith(b"%PDF-")
        assert all(isinstance(text, str) for text in values["pages"])


def test_a_jpeg_loses_its_words_and_keeps_its_picture():
    source = photo_with_a_position()
    clean = without_jpeg_metadata(source)
    assert b"SECRET" not in clean
    assert b"Exif" not in clean
    before, after = Image.open(io.BytesIO(source)), Image.open(io.BytesIO(clean))
    assert before.tobytes() == after.tobytes()


def test_a_jpeg_2000_loses_its_words():
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG2000")
    source = out.getvalue()
    box = b"SECRET position"
    seeded = source[:12] + (8 + len(box)).to_bytes(4, "big") + b"uuid" + box + source[12:]
    assert without_jpeg2000_metadata(seeded) == source


@given(st.binary(max_size=200))
@CALM
def test_broken_pictures_never_break_the_cleaning(noise):
    without_jpeg_metadata(b"\xff\xd8" + noise)
    without_jpeg2000_metadata(b"\x00\x00\x00\x0cjP  \r\n\x87\n" + noise)
    without_jpeg_metadata(noise)


def real_papers(shared_data):
    folders = [shared_data / "hostile" / "pdf_pikepdf", shared_data / "documents" / "ocrmypdf"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    wanted = [path for path in paths if path.suffix == ".pdf" or "fuzz" in path.parts]
    return {path.read_bytes(): path for path in wanted}.values()


def test_real_and_hostile_papers_are_taken_or_refused_in_the_sandbox(shared_data):
    taken, refused = 0, {}
    for path in real_papers(shared_data):
        try:
            answer = sandbox.call(
                "mapper.documents.pdf:take",
                path.read_bytes(),
                wall_s=60,
                cpu_s=40,
                memory_bytes=2_000_000_000,
                output_bytes=100_000_000,
            )
        except sandbox.SandboxRefused as refusal:
            refused[path.name] = refusal.reason
        else:
            taken += 1
            assert answer.values["pages"]
            assert answer.parts[0].startswith(b"%PDF-")
    assert taken > 60
    assert refused["graph-encrypted.pdf"] == "encrypted"
    assert refused["invalid.pdf"] == "broken"
