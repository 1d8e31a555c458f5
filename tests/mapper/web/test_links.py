"""No link of a public page leads nowhere, in either language, with an empty database too."""

import re

import pytest
from django.test import Client

_PAGES = "/ /?view=list /report/ /receipts/ /cities/ /documents/ /data/ /about/ /legal/ /privacy/"
_STANDING = [*_PAGES.split(), "/safety/", "/notice/", "/leak/", "/api/docs/"]
_LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)')


def _links(client: Client, page: str) -> set[str]:
    """Return the internal addresses that the anchors of a page lead to."""
    answer = client.get(page)
    return set(_LINK.findall(answer.text)) if answer.status_code == 200 else set()


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_link_of_a_standing_page_is_answered(client, prefix):
    pages = [page if page.startswith("/api/") else prefix + page for page in _STANDING]
    links = {link.replace("&amp;", "&") for page in pages for link in _links(client, page)}
    assert len(links) > len(_STANDING)
    dead = {link for link in links if client.get(link).status_code >= 400}
    assert dead == set()


@pytest.mark.django_db
def test_the_root_of_the_api_names_every_collection(client, settings):
    addresses = client.get("/api/v1/").json()
    assert {"devices", "events", "sightings", "cities", "documents"} < set(addresses)
    for address in addresses.values():
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200, address
