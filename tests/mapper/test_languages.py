"""A language is a folder: nothing else names it, and a broken one is told by `manage.py check`."""

import json
import shutil

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from mapper import checks, languages
from mapper.web.messages import catalogue
from tests.languages import FORMS, add_language, pseudo, read_languages

FRENCH = languages.Path(__file__).resolve().parents[2] / "mapper" / "locale" / "fr"


@pytest.fixture
def arabic(settings, tmp_path):
    """Add Arabic, of the road only."""
    return add_language(settings, tmp_path)


def test_a_folder_is_a_page_in_its_language(db, arabic):
    answer = Client().get("/ar/report/")
    assert answer.status_code == 200
    assert answer["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert pseudo("A camera? Show it.") in answer.text
    # French at the bare address, and the others as they were.
    assert '<html lang="fr" dir="ltr">' in Client().get("/report/").text
    assert '<html lang="en" dir="ltr">' in Client().get("/en/report/").text


@pytest.mark.parametrize("path", ["/report/", "/en/report/", "/ar/report/"])
def test_every_page_leads_to_itself_in_the_other_languages(db, arabic, path):
    text = Client().get(path).text
    for code, here in (("fr", "/report/"), ("en", "/en/report/"), ("ar", "/ar/report/")):
        assert f'hreflang="{code}" href="http://127.0.0.1:8000{here}">' in text
        link = f'<a href="{here}" lang="{code}" hreflang="{code}">'
        assert (link in text) is (here != path)
    assert '<details class="languages">' in text


def test_two_languages_are_one_link(db):
    text = Client().get("/report/").text
    assert '<a href="/en/report/" lang="en" hreflang="en">English</a>' in text
    assert "languages" not in text


def test_what_is_not_translated_is_said_in_english(db, arabic):
    text = Client().get("/ar/about/").text
    assert "À propos" not in text
    assert "Legal notice" in text
    with translation.override("ar"):
        assert gettext("Legal notice") == "Legal notice"
        assert ngettext("%(count)s sighting", "%(count)s sightings", 7) == "%(count)s sightings"


def test_scripts_are_given_every_plural_form(arabic):
    with translation.override("ar"):
        said = catalogue()
    forms = said["{count} photo"]
    assert [form.split()[0] for form in forms] == list(FORMS)
    table = said[""]
    assert [table[n] for n in (0, 1, 2, 3, 10, 11, 99, 100, 103, 111)] == list("0123344534")
    with translation.override("fr"):
        assert catalogue()["{count} photo"] == ["{count} photo", "{count} photos"]
        assert catalogue()[""][:3] == "001"
    with translation.override("en"):
        assert catalogue()[""][:3] == "101"


def test_the_phone_keeps_the_road_in_every_language(arabic, settings, tmp_path):
    settings.WORKER_FILE = tmp_path / "service_worker.js"
    settings.WORKER_FILE.write_text("work();")
    answer = Client().get("/service_worker.js")
    assert answer.content.decode() == 'self.PREFIXES=["", "/en", "/ar"];\nwork();'
    manifest = json.loads(Client().get("/ar/manifest.webmanifest").content)
    assert (manifest["lang"], manifest["dir"]) == ("ar", "rtl")
    assert manifest["start_url"] == "/ar/report/"


def test_crawlers_are_kept_out_in_every_language(arabic):
    assert "Disallow: /ar/receipts/" in Client().get("/robots.txt").text


def test_a_code_that_no_folder_has_is_no_language(db, arabic):
    assert Client().get("/de/report/").status_code == 404
    assert Client().get("/fr/report/").status_code == 404


def faults():
    return [(fault.id, fault.msg, fault.hint) for fault in checks.check_languages()]


def test_what_is_there_is_whole(arabic):
    assert faults() == []


@pytest.mark.parametrize(
    ("spoil", "number"),
    [
        (lambda at: at.rename(at.with_name("xq")), 20),
        (lambda at: at.rename(at.with_name("pt-BR")), 20),
        (lambda at: (at / "LC_MESSAGES" / "django.po").unlink(), 21),
        (lambda at: (at / "LC_MESSAGES" / "django.mo").unlink(), 22),
        (lambda at: (at / "LC_MESSAGES" / "django.mo").write_bytes(b"no catalogue"), 23),
        (lambda at: (at / "LC_MESSAGES" / "django.mo").write_bytes(b""), 23),
    ],
)
def test_a_broken_folder_is_told_with_its_remedy_and_is_no_language(
    arabic, settings, spoil, number
):
    locale = arabic.parents[2]
    spoil(locale / "ar")
    ((told, message, hint),) = faults()
    assert told == f"contrechamp.E0{number}"
    assert str(locale) in message
    assert hint
    read_languages(settings, locale)
    assert [code for code, _ in settings.LANGUAGES] == ["fr", "en"]


def test_codes_with_a_country_are_folders_as_django_names_them(settings, tmp_path):
    add_language(settings, tmp_path, "pt_BR")
    assert ("pt-br", "Português Brasileiro") in settings.LANGUAGES
    assert languages.split_path("/pt-br/report/") == ("pt-br", "/report/")


def test_a_report_remembers_the_language_it_came_in(db, arabic):
    from mapper.sightings.models import Sighting

    answer = Client().post("/ar/report/", {"lat": "48.11", "lon": "-1.68", "kind": "camera"})
    assert answer.status_code == 201
    assert Sighting.objects.get().language == "ar"


def test_french_alone_needs_its_folder(tmp_path):
    shutil.copytree(FRENCH, tmp_path / "fr")
    assert [code for code, _ in languages.known_languages(tmp_path)] == ["fr", "en"]
