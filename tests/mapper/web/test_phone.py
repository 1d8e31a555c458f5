"""What a phone keeps of this site is served right: the worker, the manifest, erasing."""

import re

import pytest
from django.contrib.staticfiles import finders

from mapper.intake.sealing_keys import current_key

pytestmark = pytest.mark.django_db


def test_the_worker_is_a_script_from_the_root_that_is_asked_for_again(client):
    answer = client.get("/service_worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "max-age=60"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert (
        client.get("/service_worker.js", headers={"If-None-Match": answer["ETag"]}).status_code
        == 304
    )


def test_without_a_built_worker_the_pages_still_work(client, settings, tmp_path):
    settings.WORKER_FILE = tmp_path / "none.js"
    assert client.get("/service_worker.js").status_code == 404
    assert client.get("/report/").status_code == 200


def test_every_file_that_the_worker_keeps_is_served(client):
    source = client.get("/service_worker.js").text
    names = re.findall(r"/static/[\w./-]+", source)
    assert [name for name in names if not finders.find(name.removeprefix("/static/"))] == []
    kinds = {name.rpartition(".")[2] for name in names}
    assert {"js", "css", "woff2", "svg"} <= kinds


@pytest.mark.parametrize(("prefix", "language"), [("", "fr"), ("/en", "en")])
def test_the_site_can_be_installed_in_both_languages(client, prefix, language):
    answer = client.get(f"{prefix}/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["lang"], said["start_url"], said["scope"]) == (language, f"{prefix}/report/", "/")
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    page = client.get(f"{prefix}/report/").text
    assert f'<link rel="manifest" href="{prefix}/manifest.webmanifest">' in page


@pytest.mark.parametrize("path", ["/report/", "/en/report/", "/report/queue/"])
def test_pages_carry_the_key_that_reports_are_sealed_to(client, path):
    assert (
        f'<meta name="sealing-key" content="{current_key().public_text}">' in client.get(path).text
    )


def test_a_server_without_its_key_still_has_a_form(client, tmp_path):
    (tmp_path / "sealing_keys.pem").write_text("")
    page = client.get("/report/")
    assert page.status_code == 200
    assert "sealing-key" not in page.text


def test_what_is_kept_on_phones_holds_nothing_of_who_asked(client):
    """The worker asks as a stranger; and whoever asks gets the same page."""
    for path in ("/report/", "/report/queue/", "/safety/"):
        seen = client.get(path)
        assert not seen.cookies
        assert "csrfmiddlewaretoken" not in seen.text


def test_erasing_makes_the_browser_forget_what_it_fetched_but_only_for_our_own_pages(client):
    answer = client.post("/report/erased")
    assert (answer.status_code, answer["Clear-Site-Data"]) == (204, '"cache"')
    assert client.get("/report/erased").status_code == 405
    foreign = client.post("/report/erased", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert "Clear-Site-Data" not in foreign
