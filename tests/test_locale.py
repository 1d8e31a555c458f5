"""The French catalogue: whole, without leftovers, and typeset as French is."""

import ast
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from geo.bbox import BBox
from geo.errors import GeoError
from mapper.dossiers.sentences import date_in_words
from mapper.geo_words import in_words
from mapper.sightings.models import Device
from mapper.web.sentences import device_sentence

ROOT = Path(__file__).resolve().parent.parent
FRENCH = ROOT / "mapper" / "locale" / "fr" / "LC_MESSAGES" / "django.po"

_FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', re.MULTILINE)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
_TAG = re.compile(r"</?\w[^>]*>")
_ENTITY = re.compile(r"&\w+;")
# What French type does not do, in words and where to look.
_FAULTS = {
    "straight apostrophe": re.compile(r"\w'\w"),
    "foreign quotation marks": re.compile(r"[“”\"]"),
    "three dots for an ellipsis": re.compile(r"\.\.\."),
    "breaking space before a double sign": re.compile(r" (?:[:;?!](?!\w)|»)"),
    "no space before a double sign": re.compile(r"[^\s\d/?][:;?!](?=[\s»)]|$)"),
    "breaking space in quotation marks": re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"),
    "breaking space before a unit": re.compile(r"[\d\0] (?:Mo|ko|km²?|m|°|%)(?!\w)"),
    "breaking space in a number": re.compile(r"\d \d{3}(?!\d)"),
}


@dataclass(frozen=True)
class Message:
    """One entry of a catalogue."""

    context: str
    text: str
    plural: str
    translations: tuple[str, ...]
    is_fuzzy: bool

    @property
    def key(self):
        """Return what the code says."""
        return self.context, self.text, self.plural


def read(path):
    """Return the messages of a catalogue, without its head."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    return [message for block in blocks if (message := read_one(block)).text]


def read_one(block):
    """Return the message in one paragraph of a catalogue."""
    # A long text stands in several strings, a line each.
    fields = {
        name: ast.literal_eval(text) for name, text in _FIELD.findall(block.replace('"\n"', ""))
    }
    return Message(
        fields.get("msgctxt", ""),
        fields.get("msgid", ""),
        fields.get("msgid_plural", ""),
        tuple(text for name, text in fields.items() if name.startswith("msgstr")),
        bool(re.search("^#,.*fuzzy", block, re.MULTILINE)),
    )


MESSAGES = read(FRENCH)


@pytest.fixture
def french(settings, tmp_path):
    """Speak the French of the catalogue as it stands, compiled or not."""
    folder = tmp_path / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    compiled = ["msgfmt", "--check", "-o", str(folder / "django.mo"), str(FRENCH)]
    subprocess.run(compiled, check=True)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    with translation.override("fr"):
        yield


def test_everything_said_to_people_is_in_the_catalogue_and_nothing_else(
    settings, tmp_path, monkeypatch
):
    # Django writes beside the templates while it reads them: not in the checkout.
    copy = tmp_path / "mapper"
    shutil.copytree(ROOT / "mapper", copy, ignore=shutil.ignore_patterns("locale", "*.pyc"))
    (copy / "locale" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    settings.LOCALE_PATHS = []
    monkeypatch.chdir(copy)
    call_command("makemessages", locale=["fr"], verbosity=0)
    said = {message.key for message in read(copy / "locale/fr/LC_MESSAGES/django.po")}
    translated = {message.key for message in MESSAGES}
    assert sorted(said - translated) == [], "not in the catalogue: run makemessages, translate"
    assert sorted(translated - said) == [], "nobody says this any more: take it out"


def hidden_in_f_strings(source):
    """Return what is said within f-strings, where nothing collects it for the catalogue."""
    return [
        ast.unparse(call)
        for string in ast.walk(ast.parse(source))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and (call.func.id == "_" or "gettext" in call.func.id)
    ]


def test_nothing_is_said_where_it_is_not_collected():
    assert hidden_in_f_strings("f'<b>{escape(_(\"Hello\"))}</b>'") == ["_('Hello')"]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "mapper").rglob("*.py")]
    assert [said for source in sources for said in hidden_in_f_strings(source)] == []


def test_every_message_is_translated_by_a_person():
    assert [m.text for m in MESSAGES if m.is_fuzzy or not all(m.translations)] == []
    assert "\n#~" not in FRENCH.read_text(encoding="utf-8")
    assert len(MESSAGES) > 900


def test_plurals_have_both_forms():
    assert [m.text for m in MESSAGES if len(m.translations) != (2 if m.plural else 1)] == []


def test_translations_keep_placeholders_and_tags():
    lost = []
    for message in MESSAGES:
        for original, text in zip(
            (message.text, message.plural), message.translations, strict=False
        ):
            for pattern in (_PLACEHOLDER, _TAG, _ENTITY):
                if sorted(pattern.findall(original)) != sorted(pattern.findall(text)):
                    lost.append((text, pattern.pattern))
            if original[-1:].isspace() != text[-1:].isspace():
                lost.append((text, "space at the end"))
    assert lost == []


@pytest.mark.parametrize("fault", _FAULTS)
def test_french_is_typeset_as_french(fault):
    bare = [
        _ENTITY.sub("", _TAG.sub("", _PLACEHOLDER.sub("\0", text)))
        for message in MESSAGES
        for text in message.translations
    ]
    assert [text for text in bare if _FAULTS[fault].search(text)] == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("straight apostrophe", "l'appareil"),
        ("foreign quotation marks", "le “dôme”"),
        ("three dots for an ellipsis", "un instant..."),
        ("breaking space before a double sign", "Où ?"),
        ("no space before a double sign", "Sources:"),
        ("breaking space in quotation marks", "« Oui »"),
        ("breaking space before a unit", "20 Mo"),
        ("breaking space in a number", "1 000 habitants"),
    ],
)
def test_faults_are_seen(fault, text):
    assert _FAULTS[fault].search(text)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {
                "kind": "camera",
                "camera_type": "dome",
                "mount": "wall",
                "directions": [{"from": 45, "to": 45}, {"from": 90, "to": 90}],
                "operator_type": "public",
                "last_seen": "2026-05",
            },
            "Caméra dôme, sur un mur, regarde vers le nord-est et vers l’est, gérée par un "
            "organisme public, dernière observation\u00a0: mai 2026.",
        ),
        ({"kind": "drone", "status": "removed"}, "Base de drone, retirée."),
        (
            {"kind": "sensor", "status": "removed", "operator_type": "private"},
            "Capteur, géré par un organisme privé, retiré.",
        ),
        ({}, "Appareil de type inconnu."),
    ],
)
def test_french_sentences_agree_with_their_device(french, facts, sentence):
    assert device_sentence(Device(**facts)) == sentence


def test_french_dates_are_written_in_french(french):
    assert date_in_words("2026-08-12") == "12 août 2026"


def test_a_wrong_position_is_told_in_french(french):
    with pytest.raises(GeoError) as refused:
        BBox.parse("2,91,3,95")
    assert in_words(refused.value).startswith(
        "Rectangle\u00a0: La latitude 91.0 est hors de [-90, 90]\u202f; "
    )
