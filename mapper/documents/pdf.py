"""What a PDF says, page by page, and a copy of it that holds its pages and nothing else.

Runs in the sandbox only (`mapper.sandbox`): pure, on bytes, without Django. ISO 32000-2.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2

from mapper.documents.embedded_pictures import without_jpeg2000_metadata, without_jpeg_metadata

MAX_BYTES = 100_000_000
MAX_PAGES = 2000
# PostgreSQL indexes at most a megabyte of words a row.
MAX_PAGE_CHARACTERS = 100_000
MAX_CHARACTERS = 20_000_000
_HEADER_WITHIN_BYTES = 1024

# What a catalogue keeps: the pages, their layers, and what a screen reader goes by. Everything
# else of it acts (OpenAction, AA, Names), carries (attachments, metadata) or asks (AcroForm).
_KEPT_IN_CATALOGUE = frozenset(
    ["/Type", "/Pages", "/OCProperties", "/PageLabels", "/Lang", "/MarkInfo", "/StructTreeRoot"]
)
_DROPPED_ANYWHERE = (
    *("/AA", "/JS", "/JavaScript", "/OpenAction"),
    *("/AF", "/Annots", "/Beads", "/EF", "/EmbeddedFiles"),
    *("/LastModified", "/Metadata", "/PieceInfo", "/Thumb"),
)

# pdfium writes the hyphen at the end of a line as one of these where the word goes on.
_JOINED = re.compile("[\x02\ufffe]\n?")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_TRAILING = re.compile(r"[ \t]+\n")


class PdfRefused(ValueError):
    """The file is not taken; `reason` is a stable code."""

    def __init__(self, reason: str):
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


def take(
    data: bytes,
    *,
    max_pages: int = MAX_PAGES,
    max_page_characters: int = MAX_PAGE_CHARACTERS,
    max_characters: int = MAX_CHARACTERS,
) -> tuple[dict[str, Any], list[bytes]]:
    """Return `{"pages": [text, …], "cut": [page number, …]}` and the clean copy of a PDF.

    The text is that of the copy, so that what is searched is what is shown. A page without text
    (a scan) is empty. Pages with more than `max_page_characters` are cut and named in `cut`.

    Raises
    ------
    PdfRefused
        With the reason: not-a-pdf, encrypted, broken, cyclic, no-pages, too-many-pages,
        too-much-text, dynamic-form.
    """
    copy = clean_copy(data, max_pages=max_pages)
    pages: list[str] = []
    cut: list[int] = []
    left = max_characters
    for number, text in enumerate(page_texts(copy), start=1):
        if len(text) > max_page_characters:
            cut.append(number)
        pages.append(text[:max_page_characters])
        left -= len(pages[-1])
        if left < 0:
            raise PdfRefused("too-much-text")
    return {"pages": pages, "cut": cut}, [copy]


def clean_copy(data: bytes, *, max_pages: int = MAX_PAGES) -> bytes:
    """Return the PDF's pages as a file without scripts, attachments, metadata and annotations.

    Form fields and comments that are drawn become part of their page. The copy is not encrypted;
    the same bytes give the same copy.
    """
    if b"%PDF-" not in data[:_HEADER_WITHIN_BYTES]:
        raise PdfRefused("not-a-pdf")
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            _check(pdf, max_pages=max_pages)
            _flatten(pdf)
            _strip(pdf)
            out = io.BytesIO()
            pdf.save(
                out,
                encryption=False,
                deterministic_id=True,
                fix_metadata_version=False,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
    except pikepdf.PasswordError:
        raise PdfRefused("encrypted") from None
    except PdfRefused:
        raise
    # The library meets a broken file with any of these, by where it is broken.
    except (pikepdf.PikepdfError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise PdfRefused("cyclic" if "loop" in str(error).lower() else "broken") from None
    return out.getvalue()


def page_texts(data: bytes) -> Iterator[str]:
    """Yield the text of each page in reading order as far as the file knows it, cleaned."""
    try:
        pdf = pypdfium2.PdfDocument(data)
        for index in range(len(pdf)):
            page = pdf[index]
            text_page = page.get_textpage()
            yield cleaned(text_page.get_text_bounded(errors="ignore"))
            text_page.close()
            page.close()
    except pypdfium2.PdfiumError:
        raise PdfRefused("broken") from None


def cleaned(text: str) -> str:
    r"""Return text that a database and a page can hold: no NUL, no control, no lone surrogate.

    >>> cleaned("vidéo\x02\r\nsurveillance\x00 \r\n")
    'vidéosurveillance'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNWANTED.sub("", _JOINED.sub("", text))
    return _TRAILING.sub("\n", text).strip()


def _check(pdf: pikepdf.Pdf, *, max_pages: int) -> None:
    """Refuse what has no pages, too many, or pages that only a form program can draw."""
    form = pdf.Root.get("/AcroForm")
    has_xfa = isinstance(form, pikepdf.Dictionary) and "/XFA" in form
    if has_xfa and pdf.Root.get("/NeedsRendering"):
        raise PdfRefused("dynamic-form")
    if len(pdf.pages) == 0:
        raise PdfRefused("no-pages")
    if len(pdf.pages) > max_pages:
        raise PdfRefused("too-many-pages")


def _flatten(pdf: pikepdf.Pdf) -> None:
    """Draw form fields and comments into their pages; a form too broken for that is left out."""
    try:
        pdf.generate_appearance_streams()
        pdf.flatten_annotations("all")
    except (pikepdf.PikepdfError, RuntimeError, ValueError):
        return


def _strip(pdf: pikepdf.Pdf) -> None:
    """Take everything out of the file that is not needed to show its pages."""
    for key in list(pdf.Root.keys()):
        if key not in _KEPT_IN_CATALOGUE:
            del pdf.Root[key]
    for key in ("/Info", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    # A file repaired from its objects has none, and a copy without it opens in few readers; the
    # number itself is written anew.
    pdf.trailer["/Size"] = 1
    for found in pdf.objects:
        for part in _dictionaries(found):
            _strip_dictionary(part)
        if isinstance(found, pikepdf.Stream):
            _strip_picture(found)


def _dictionaries(found: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield an object and the dictionaries written inside it; references are not followed."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            # By items: a key that is not UTF-8 comes as one that can't be looked up again.
            inner = [value for _, value in part.items()]
        elif isinstance(part, pikepdf.Array):
            inner = list(part)
        else:
            continue
        waiting += [
            value
            for value in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]


def _strip_dictionary(part: pikepdf.Object) -> None:
    """Delete what acts, carries or dates, wherever it hides."""
    for key in _DROPPED_ANYWHERE:
        if key in part:
            del part[key]
    # The structure tree still leads to annotations.
    if part.get("/Type") == "/OBJR" and "/Obj" in part:
        del part["/Obj"]


def _strip_picture(stream: pikepdf.Stream) -> None:
    """Rewrite an embedded photo without what its camera wrote into it."""
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if not names or names[-1] not in ("/DCTDecode", "/JPXDecode"):
        return
    if names[:-1] not in ([], ["/FlateDecode"]):
        return
    data = stream.read_raw_bytes()
    if names[:-1]:
        data = zlib.decompressobj().decompress(data, MAX_BYTES)
    is_jpeg = names[-1] == "/DCTDecode"
    data = without_jpeg_metadata(data) if is_jpeg else without_jpeg2000_metadata(data)
    parameters = stream.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[len(names) - 1] if len(parameters) == len(names) else None
    stream.write(
        data,
        filter=pikepdf.Name(names[-1]),
        decode_parms=parameters if isinstance(parameters, pikepdf.Dictionary) else None,
    )
