"""Does a page say this? Quotes compared with the text of a page, blind to how it was typeset."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_SAME_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "\u00ad": None}
)


def plain(text: str) -> str:
    r"""Return text with one space for any white space, plain quotes, no ligatures.

    >>> plain("l’a\ufb03chage\n des   images")
    "l'affichage des images"
    """
    text = unicodedata.normalize("NFKC", text).translate(_SAME_SIGNS)
    return _BLANKS.sub(" ", text).strip()


def is_on_page(quote: str, page_text: str) -> bool:
    """Return whether a page has these words in this order; empty words are on no page."""
    wanted = plain(quote)
    return bool(wanted) and wanted in plain(page_text)
