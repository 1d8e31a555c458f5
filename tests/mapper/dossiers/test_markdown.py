"""Markdown of dossiers: nothing in it runs, loads or forges."""

import html.parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.dossiers.markdown import render_markdown

_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#x0A;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "file:///etc/passwd",
    "blob:https://example.org/x",
    "livescript:alert(1)",
    "mocha:alert(1)",
    "feed:javascript:alert(1)",
    "jar:javascript:alert(1)",
    "ws://example.org",
    "intent://scan/#Intent;scheme=zxing;end",
]
_TAGS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x20type='text/javascript'>alert(1);</script>",
    "<script\x0c>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=0>",
    "<img/src='x'/onerror=alert(1)>",
    "<IMG SRC=`javascript:alert(1)`>",
    "<img src='https://evil.example/pixel.gif'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text x=20 y=20>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<keygen autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<video poster=javascript:alert(1)//></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset onload=alert(1)>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<applet code=x>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<link rel=import href='//evil.example'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    "<p style='background:url(//evil.example)'>x</p>",
    '<div style="width: expression(alert(1));">',
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<meta http-equiv='Set-Cookie' content='a=b'>",
    "<base href='javascript:alert(1)//'>",
    "<form action='javascript:alert(1)'><button>x</button></form>",
    "<form><button formaction='javascript:alert(1)'>x</button></form>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://a.example' onclick=alert(1)>x</a>",
    "<a href='https://a.example' target=_blank ping='//evil.example'>x</a>",
    "<a id=location name=cookie>clobber</a>",
    "<table background='javascript:alert(1)'><td>x</table>",
    "<td onmouseover=alert(1)>x</td>",
    "<xss onclick=alert(1)>x</xss>",
    "<x-y contenteditable onblur=alert(1)>x</x-y>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<template><script>alert(1)</script></template>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE html [<!ENTITY x '<script>'>]>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</p></article></main><script>alert(1)</script>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "＜script＞alert(1)＜/script＞",
    "<sc\x00ript>alert(1)</sc\x00ript>",
]
_IN_MARKDOWN = [
    "[x]({address})",
    "[x](<{address}>)",
    "![x]({address})",
    "<{address}>",
    "[x][1]\n\n[1]: {address}",
    '[x]({address} "onmouseover=alert(1)")',
]
_MORE = [
    '[x](https://a.example "\\" onmouseover=alert(1) ")',
    '[x](https://a.example/" onclick="alert(1))',
    "![x](https://evil.example/pixel.gif)",
    '![x" onerror="alert(1)](x)',
    "```<script>\nalert(1)\n```",
    '```" onclick="alert(1)\nx\n```',
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- <script>alert(1)</script>",
    "> <svg onload=alert(1)>",
    "# <script>alert(1)</script>",
    "<https://a.example/<script>alert(1)</script>>",
    '<a href="[x](javascript:alert(1))">',
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "**<script>**alert(1)**</script>**",
]
PAYLOADS = [
    *_TAGS,
    *_MORE,
    *(form.format(address=address) for form in _IN_MARKDOWN for address in _ADDRESSES),
]

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}


class Judge(html.parser.HTMLParser):
    """Reads HTML as a browser would, and refuses every tag and attribute that is not allowed."""

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()), (tag, name)
            if name == "href":
                assert value.startswith(("http://", "https://", "mailto:", "/", "#")), value
                assert not value.startswith("//"), value
                assert dict(attrs)["rel"] == "nofollow noopener"

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def judge(text):
    rendered = render_markdown(text)
    parser = Judge()
    parser.feed(rendered)
    parser.close()
    return rendered


def test_there_are_more_than_a_hundred_payloads():
    assert len(set(PAYLOADS)) > 150


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_markdown_is_harmless(payload):
    judge(payload)
    judge(f"Texte **{payload}** texte\n\n{payload}")


@given(st.lists(st.sampled_from(PAYLOADS) | st.text(max_size=20), max_size=6))
def test_hostile_pieces_together_are_harmless(pieces):
    judge("".join(pieces))


@given(st.text())
def test_any_text_is_rendered(text):
    judge(text)


def test_plain_markdown_is_what_it_says():
    rendered = judge(
        "# Titre\n\nDouze **caméras**, [vote](https://a.example/x?a=1&b=2), ~~dix~~\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n3. trois\n\n<mailto:a@example.org>"
    )
    assert "<h3>Titre</h3>" in rendered
    assert "<strong>caméras</strong>" in rendered
    assert 'href="https://a.example/x?a=1&amp;b=2"' in rendered
    assert 'rel="nofollow noopener"' in rendered
    assert "<td>2</td>" in rendered
    assert '<ol start="3">' in rendered
    assert "mailto:a@example.org" in rendered
