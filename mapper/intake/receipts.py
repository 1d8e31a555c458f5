"""The twelve words that let an author, and nobody else, follow a report.

128 bits and a checksum in the French list of BIP-39. Only a keyed hash of them is stored. Phones
may make the code themselves: they send its plain SHA-256, which is what the keyed hash is made of.
"""

import hashlib
import hmac
import re
import unicodedata
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from mnemonic import Mnemonic

from mapper.errors import BadInput
from mapper.moderation.models import Notice
from mapper.moderation.recording import PENDING
from mapper.sightings.days import this_month, today
from mapper.sightings.models import Receipt, Sighting

WORDS = 12
_STRENGTH_BITS = 128
_HASH = re.compile(r"[0-9a-f]{64}")
# Twelve words of at most 8 letters, with whatever somebody puts between them.
_MOST_CHARACTERS = 400


def new_code() -> tuple[str, ...]:
    """Return the twelve words of a new code, with their accents."""
    return _shown(_mnemonic().generate(_STRENGTH_BITS))


def code_of_phone(phone_key: str) -> tuple[str, ...]:
    """Return the code of a report that a phone sent: the same one when it has to send it again."""
    digest = salted_hmac("contrechamp.receipt_of_phone", phone_key, algorithm="sha256").digest()
    return _shown(_mnemonic().to_mnemonic(digest[: _STRENGTH_BITS // 8]))


def hash_of(words: tuple[str, ...]) -> str:
    """Return the plain SHA-256 of a code: its words without accents, joined by one space."""
    return hashlib.sha256(" ".join(_bare(word) for word in words).encode()).hexdigest()


def key_of(code_hash: str) -> str:
    """Return what is stored: HMAC-SHA-256 of the code's hash under the instance key."""
    return salted_hmac("contrechamp.receipt", code_hash, algorithm="sha256").hexdigest()


def is_hash(text: str) -> bool:
    """Return whether a text can be the hash of a code."""
    return bool(_HASH.fullmatch(text))


def open_receipt(*, sighting: Sighting, code_hash: str) -> Receipt:
    """Store the receipt of a report."""
    return Receipt.objects.create(
        code_key=key_of(code_hash), sighting=sighting, used_in=this_month()
    )


def find(text: str) -> Receipt | None:
    """Return the receipt of a code as somebody typed it, or None; note the month of its use."""
    return find_by_hash(hash_of(read_code(text)))


def find_by_hash(code_hash: str) -> Receipt | None:
    """Return the receipt of a code's hash, or None; note the month of its use."""
    receipt = (
        Receipt.objects.select_related("sighting__claim__device")
        .filter(code_key=key_of(code_hash), sighting__isnull=False)
        .first()
    )
    if receipt is not None and receipt.used_in != this_month():
        receipt.used_in = this_month()
        receipt.save(update_fields=["used_in"])
    return receipt


def find_notice(text: str) -> Notice | None:
    """Return the notice of a code as somebody typed it, or None; note the month of its use."""
    notice = Notice.objects.filter(code_key=key_of(hash_of(read_code(text)))).first()
    if notice is not None and notice.used_in != this_month():
        notice.used_in = this_month()
        notice.save(update_fields=["used_in"])
    return notice


@transaction.atomic
def purge_idle() -> int:
    """Delete receipts that nobody used for long, of what is decided; return how many.

    One without a month, such as of an older version, begins to count now.
    """
    months = settings.RECEIPT_IDLE_MONTHS
    if not months:
        return 0
    day = today()
    last = day.year * 12 + day.month - 1 - months
    before = f"{last // 12:04d}-{last % 12 + 1:02d}"
    Receipt.objects.filter(used_in="").update(used_in=this_month())
    idle = Receipt.objects.filter(used_in__lt=before)
    gone = idle.exclude(sighting__state__in=PENDING).delete()[0]
    return gone + Notice.objects.filter(used_in__lt=before).exclude(outcome="").delete()[0]


def read_code(text: str) -> tuple[str, ...]:
    """Return the twelve words in a text, whatever their accents, case and separators.

    Raises
    ------
    BadInput
        When they are no code: a word that is not in the list, too few, or a wrong checksum.
    """
    if len(text) > _MOST_CHARACTERS:
        raise BadInput(_("A code has twelve words; this is much more."), code="not-a-code")
    said = re.findall("[a-z]+", _bare(text))
    words = said if all(word in _by_bare_word() for word in said) else _split("".join(said))
    if words is None:
        unknown = next(word for word in said if word not in _by_bare_word())
        raise BadInput(
            _("“%(word)s” is not a word of our codes; check its spelling.") % {"word": unknown},
            code="not-a-code",
        )
    if len(words) != WORDS:
        raise BadInput(
            _("A code has twelve words; these are %(count)s.") % {"count": len(words)},
            code="not-a-code",
        )
    if not _is_valid(words):
        raise BadInput(
            _("These words don't belong together: one is wrong, or their order is."),
            code="not-a-code",
        )
    return tuple(_by_bare_word()[word] for word in words)


def _split(letters: str) -> list[str] | None:
    """Return the code in letters without separators; None where there is none, or two."""
    found: list[list[str]] = []
    begun: list[tuple[int, list[str]]] = [(0, [])]
    while begun:
        at, words = begun.pop()
        if len(words) == WORDS:
            if at == len(letters) and _is_valid(words):
                found.append(words)
            continue
        # The list's words have 5 to 8 letters and differ within the first 4: one fits at most.
        for size in range(5, 9):
            word = letters[at : at + size]
            if len(word) == size and word in _by_bare_word():
                begun.append((at + size, [*words, word]))
    return found[0] if len(found) == 1 else None


def _is_valid(words: list[str]) -> bool:
    stored = " ".join(_by_bare_word()[word] for word in words)
    return bool(_mnemonic().check(unicodedata.normalize("NFKD", stored)))


def is_same_hash(one: str, other: str) -> bool:
    """Compare two hashes in a time that tells nothing."""
    return hmac.compare_digest(one, other)


@cache
def _mnemonic() -> Mnemonic:
    return Mnemonic("french")


@cache
def _by_bare_word() -> dict[str, str]:
    """Return the list's words by what is left of them without accents; no two are alike there."""
    return {_bare(word): unicodedata.normalize("NFC", word) for word in _mnemonic().wordlist}


def _bare(text: str) -> str:
    """Return a text in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def _shown(mnemonic: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", mnemonic).split())
