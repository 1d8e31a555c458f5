"""Our styles say start and end, never left and right, so that a page can run the other way."""

import re
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parent.parent / "frontend" / "src" / "ui"
# Leaflet's own: its panes are measured from the left in every language.
_FOREIGN = ("leaflet.css",)
# Selector -> why its sides are those of the screen.
_OF_THE_SCREEN = {
    ".map__ground": "beside Leaflet's controls, which stay on the left",
    ".place__here": "across from Leaflet's controls, which stay on the left",
    ".mark__label": "beside a mark on the map",
    ".leaflet-container .leaflet-popup-content": "room for Leaflet's button, which stays right",
    ".form-step > legend": "as wide as its fieldset: it floats to no side",
    ".photo-boxes__corner": "on a photo, which does not turn with the language",
    ".photo-boxes__corner::after": "likewise",
    ".code-words": "French words from left to right, on every page",
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIDES = re.compile(
    r"(?:^|[;\s])("
    r"(?:(?:margin|padding|border)-)?(?:left|right)(?:-(?:width|color|style))?\s*:[^;]*"
    r"|border-(?:top|bottom)-(?:left|right)-radius\s*:[^;]*"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
    r"|transform\s*:[^;]*translateX[^;]*"
    r")"
)
_FOUR = re.compile(r"(?:^|[;\s])(margin|padding|inset|border-radius)\s*:\s*([^;]+)")


def values_of(text):
    """Return the values of a property, a bracket being one."""
    parts, depth = [""], 0
    for character in text.strip():
        depth += (character == "(") - (character == ")")
        if character.isspace() and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def sided(style):
    """Return the declarations of a style that differ from left to right."""
    found = []
    for selectors, body in _RULE.findall(_COMMENT.sub("", style)):
        selector = " ".join(selectors.split()).rpartition("; ")[2]
        if selector in _OF_THE_SCREEN:
            continue
        found += [(selector, match.strip()) for match in _SIDES.findall(body)]
        for name, text in _FOUR.findall(body):
            values = values_of(text)
            is_even = len(values) < 4 or (
                values[1] == values[3]
                if name != "border-radius"
                else (values[0], values[2]) == (values[1], values[3])
            )
            if not is_even:
                found.append((selector, f"{name}: {text}"))
    return found


@pytest.mark.parametrize(
    "path",
    sorted(path for path in UI.glob("*.css") if path.name not in _FOREIGN),
    ids=lambda path: path.name,
)
def test_a_style_names_no_side_of_the_screen(path):
    assert sided(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "style",
    [
        "a { left: 0 }",
        "a { margin-left: 1em; }",
        "a{border-left-color:red}",
        "a { text-align: right; }",
        "a { padding: 0 0 0 calc(1px + 2px); }",
        "a { border-radius: 0 2px 2px 0; }",
        "@media print { a { float: left; } }",
        "a { transform: translateX(-50%); }",
    ],
)
def test_a_side_is_seen(style):
    assert sided(style)


@pytest.mark.parametrize(
    "style",
    [
        "a { padding: 1px max(2px, env(safe-area-inset-left)); }",
        "a { margin: 0 auto 1px auto; inset-inline-start: 0; text-align: start; }",
        "a { border-radius: 2px 2px 0 0; padding-inline: 1px 2px; }",
    ],
)
def test_what_has_no_side_passes(style):
    assert sided(style) == []


def test_every_exception_is_needed():
    styles = "".join(path.read_text(encoding="utf-8") for path in UI.glob("*.css"))
    rules = {" ".join(selector.split()) for selector, _ in _RULE.findall(_COMMENT.sub("", styles))}
    assert [selector for selector in _OF_THE_SCREEN if selector not in rules] == []
