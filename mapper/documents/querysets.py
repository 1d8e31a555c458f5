"""Reads of documents, pages and citations; what a stranger may read is said here alone."""

from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Greatest

from mapper.documents.accents import unaccented, without_accents

if TYPE_CHECKING:
    from mapper.documents import models  # noqa: F401 - named in the quoted bases below
    from mapper.sightings.models import Device

# Control characters, which no page's text holds (`documents.pdf.cleaned`): a snippet is split at
# them and rebuilt from plain parts, so that no text of a document is ever taken for markup.
MATCH_START, MATCH_END = "\x02", "\x03"
_BETWEEN = "\x04"


class DocumentQuerySet(QuerySet["models.Document"]):
    """Documents."""

    def public(self) -> "DocumentQuerySet":
        """Return what a stranger may read."""
        return self.filter(is_public=True)

    def unpublished(self) -> "DocumentQuerySet":
        """Return what waits for an editor."""
        return self.filter(is_public=False, withdrawal__isnull=True)


class PageQuerySet(QuerySet["models.Page"]):
    """Pages."""

    def matching(self, words: str) -> "PageQuerySet":
        """Return the pages with these words, best first, in French and in English.

        A page is searched as French and as English text, whatever its document's language is said
        to be. `words` is as on search engines: quotes for a phrase, `or`, `-` for not.
        """
        french, english = _query(words, "french"), _query(words, "english")
        return (
            self.filter(Q(search_fr=french) | Q(search_en=english))
            .annotate(
                rank=Greatest(
                    SearchRank(F("search_fr"), french), SearchRank(F("search_en"), english)
                )
            )
            .order_by("-rank", "-document__dated_on", "document_id", "number")
        )

    def snippets(self, words: str) -> dict[int, str]:
        """Return where the words stand in each page, between MATCH_START and MATCH_END.

        Costs a parse of each page's text: cut to a screenful first.
        """
        as_english = When(document__language="en", then=_headline(words, "english"))
        found = self.annotate(snippet=Case(as_english, default=_headline(words, "french")))
        return {
            id_: with_accents_again(snippet, text)
            for id_, snippet, text in found.values_list("id", "snippet", "text")
        }


def _query(words: str, config: str) -> SearchQuery:
    """Return the search of what a reader typed, in one language; as typed or without accents."""
    typed = SearchQuery(words, config=config, search_type="websearch")
    plain = SearchQuery(without_accents(words), config=config, search_type="websearch")
    return typed | plain


def _headline(words: str, config: str) -> SearchHeadline:
    """Return the expression of a page's snippet, in one language."""
    return SearchHeadline(
        unaccented("text"),
        _query(words, config),
        config=config,
        start_sel=MATCH_START,
        stop_sel=MATCH_END,
        max_fragments=2,
        max_words=30,
        min_words=12,
        fragment_delimiter=_BETWEEN,
    )


class CitationQuerySet(QuerySet["models.Citation"]):
    """Citations."""

    def public(self) -> "CitationQuerySet":
        """Return those whose document a stranger may read."""
        return self.filter(document__is_public=True)

    def of_device(self, device: "Device") -> "CitationQuerySet":
        """Return the public ones that stand on a device."""
        return self.public().filter(claim__device=device).select_related("document", "claim")


def with_accents_again(snippet: str, text: str) -> str:
    r"""Return a snippet of a text without accents as the text itself has it, marks in place.

    >>> with_accents_again("une \x02camera\x03 a", "Ici, une caméra à la porte")
    'une \x02caméra\x03 à'
    """
    plain_text = without_accents(text)
    restored: list[str] = []
    for fragment in snippet.split(_BETWEEN):
        bare = fragment.replace(MATCH_START, "").replace(MATCH_END, "")
        start = plain_text.find(bare)
        letters = iter(text[start:] if start >= 0 else bare)
        signs = (sign if sign in (MATCH_START, MATCH_END) else next(letters) for sign in fragment)
        restored.append("".join(signs))
    return " … ".join(restored)


def parts_of_snippet(snippet: str) -> list[dict[str, str | bool]]:
    r"""Return a snippet as `{"text": …, "is_match": …}` parts, in order.

    >>> parts_of_snippet("une \x02caméra\x03 ici")[1]
    {'text': 'caméra', 'is_match': True}
    """
    parts: list[dict[str, str | bool]] = []
    for chunk in snippet.split(MATCH_START):
        match, found, after = chunk.partition(MATCH_END)
        if found:
            parts.append({"text": match, "is_match": True})
            match = after
        if match:
            parts.append({"text": match, "is_match": False})
    return parts
