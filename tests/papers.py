"""PDFs for tests, written here: plain pages, and what a stranger may hide in them."""

import io
import itertools
from collections.abc import Sequence

import pikepdf
from PIL import Image

_counter = itertools.count(1)


def paper(
    pages: Sequence[str] = ("Le conseil vote douze caméras.",), *, hidden: bool = False
) -> bytes:
    """Return a PDF with these texts; with `hidden` it also holds all that must not be served.

    Every paper differs from every other one, as if it came from its own scanner.
    """
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    for text in pages:
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[-1]
        lines = b" T* ".join(b"(" + _escaped(line) + b") Tj" for line in text.split("\n"))
        page.Contents = pdf.make_stream(b"BT /F 12 Tf 14 TL 50 780 Td " + lines + b" ET")
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(Title=f"paper {next(_counter)}"))
    if hidden:
        _hide(pdf)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def locked_paper() -> bytes:
    """Return a PDF that opens with a password only."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def photo_with_a_position() -> bytes:
    """Return a JPEG with a position, a maker and a comment in it."""
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 6.0, 30.0), 3: "W", 4: (1.0, 40.0, 12.0)})
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (180, 20, 40)).save(out, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    return out.getvalue()


def _escaped(line: str) -> bytes:
    raw = line.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _hide(pdf: pikepdf.Pdf) -> None:
    """Put scripts, an attachment, metadata, a photo with a position and a note into a PDF."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('SECRETSCRIPT')")
    pdf.Root.OpenAction = script
    pdf.Root.AA = pikepdf.Dictionary(WC=script)
    page = pdf.pages[0]
    page.AA = pikepdf.Dictionary(O=script)
    page.PieceInfo = pikepdf.Dictionary(Private="SECRETPIECE")
    pdf.attachments["list.csv"] = pikepdf.AttachedFileSpec(pdf, b"SECRETATTACHMENT")
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["SECRETAUTHOR"]
    pdf.docinfo["/Author"] = "SECRETAUTHOR"
    photo = pdf.make_stream(photo_with_a_position())
    photo.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=32,
        Height=24,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
        Metadata=pdf.make_stream(b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"),
    )
    page.Resources.XObject = pikepdf.Dictionary(Photo=photo)
    page.contents_add(b"q 60 0 0 45 50 600 cm /Photo Do Q")
    page.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 100, 100],
                A=script,
                Contents="SECRETNOTE",
            )
        ]
    )
