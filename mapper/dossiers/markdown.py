"""Turns the Markdown of dossiers into HTML that can't run, load or forge anything.

CommonMark without HTML and pictures; nh3 then lets only the tags and attributes below through.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
# Out to the web, to a mailbox, to a page of ours, or to a place in this one.
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+|/(?!/)\S*|#\S*")

_parser = (
    MarkdownIt("commonmark", {"html": False, "linkify": False})
    .enable(["table", "strikethrough"])
    .disable(["image", "html_block", "html_inline"])
)


def render_markdown(text: str) -> SafeString:
    """Return the HTML of a text; headings begin at level three, under those of the page."""
    tokens = _parser.parse(text.replace("\x00", ""))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept_attribute,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        strip_comments=True,
    )
    return mark_safe(clean)  # noqa: S308 - the one place: nh3 has just cleaned it


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value; None for an address that leads anywhere else."""
    if name == "href" and not _ADDRESS.fullmatch(value):
        return None
    return value
