from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OpenPhotoError
from geo.open_photos import (
    MOST_PICTURES,
    OpenPhoto,
    open_photo_of_address,
    open_photos_of_tags,
)

PIC = "01234567-89ab-cdef-0123-456789abcdef"
HOSTS = {"api.panoramax.xyz", "www.mapillary.com", "commons.wikimedia.org"}


@pytest.mark.parametrize(
    ("tags", "links"),
    [
        ({"panoramax": PIC}, [f"https://api.panoramax.xyz/#focus=pic&pic={PIC}"]),
        ({"panoramax:1": PIC.upper()}, [f"https://api.panoramax.xyz/#focus=pic&pic={PIC}"]),
        (
            {"mapillary": "498763468214164; 1Xz_-a"},
            [
                "https://www.mapillary.com/app/?pKey=498763468214164&focus=photo",
                "https://www.mapillary.com/app/?pKey=1Xz_-a&focus=photo",
            ],
        ),
        (
            {"wikimedia_commons": "File:Caméra à Rennes.jpg"},
            ["https://commons.wikimedia.org/wiki/File:Cam%C3%A9ra_%C3%A0_Rennes.jpg"],
        ),
        (
            {"wikimedia_commons": "Category:Surveillance cameras in Paris"},
            ["https://commons.wikimedia.org/wiki/Category:Surveillance_cameras_in_Paris"],
        ),
        (
            {"image": "https://upload.wikimedia.org/wikipedia/commons/a/ab/Dome%21.jpg"},
            ["https://commons.wikimedia.org/wiki/File:Dome%21.jpg"],
        ),
        ({"image": "https://example.org/camera.jpg"}, []),
        ({"image": "File:Camera.jpg"}, []),
        ({"panoramax": "1234", "mapillary": "a b", "wikimedia_commons": "Camera.jpg"}, []),
        ({"mapillary": "", "man_made": "surveillance"}, []),
    ],
)
def test_the_pictures_that_an_object_names_are_links(tags, links):
    assert [photo.url for photo in open_photos_of_tags(tags)] == links


def test_each_picture_is_named_once_and_not_too_many():
    tags = {"panoramax": PIC, "panoramax:0": PIC, "mapillary": ";".join(map(str, range(99)))}
    assert open_photos_of_tags({"panoramax": PIC, "panoramax:0": PIC}) == (
        OpenPhoto("panoramax", PIC),
    )
    assert len(open_photos_of_tags(tags)) == MOST_PICTURES


@pytest.mark.parametrize(
    ("address", "photo"),
    [
        (f"https://api.panoramax.xyz/#focus=pic&map=18/48/2&pic={PIC}", ("panoramax", PIC)),
        (f"https://panoramax.ign.fr/?pic={PIC}#map=1", ("panoramax", PIC)),
        (f"https://panoramax.openstreetmap.fr/api/pictures/{PIC}/hd.jpg", ("panoramax", PIC)),
        ("https://www.mapillary.com/app/?pKey=4987&focus=photo", ("mapillary", "4987")),
        ("https://www.mapillary.com/map/im/AbC-_9", ("mapillary", "AbC-_9")),
        (
            "https://commons.wikimedia.org/wiki/File:A_b.jpg?uselang=fr",
            ("commons", "File:A b.jpg"),
        ),
        (
            "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/A_b.jpg/320px-A_b.jpg",
            ("commons", "File:A b.jpg"),
        ),
    ],
)
def test_a_pasted_address_is_the_picture_it_leads_to(address, photo):
    assert open_photo_of_address(f" {address}\n") == OpenPhoto(*photo)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)//api.panoramax.xyz/#pic=" + PIC,
        f"ftp://api.panoramax.xyz/#pic={PIC}",
        f"https://api.panoramax.xyz.example.org/#pic={PIC}",
        f"https://notpanoramax.xyz/#pic={PIC}",
        f"https://me:word@api.panoramax.xyz/#pic={PIC}",
        f"https://api.panoramax.xyz:8443/#pic={PIC}",
        "https://api.panoramax.xyz/#pic=12",
        "https://api.panoramax.xyz/",
        "https://www.mapillary.com/app/?pKey=<script>",
        "https://commons.wikimedia.org/wiki/User:Alice",
        "https://commons.wikimedia.org/wiki/File:",
        "https://fr.wikipedia.org/wiki/File:A.jpg",
        "https://[::1",
        "https://api.panoramax.xyz/#pic=" + "0" * 3000,
    ],
)
def test_what_is_no_such_address_is_refused_in_words(address):
    with pytest.raises(OpenPhotoError, match="Panoramax, Mapillary or Wikimedia Commons") as caught:
        open_photo_of_address(address)
    assert len(str(caught.value)) < 300


KEYS = ("panoramax", "panoramax:0", "mapillary", "wikimedia_commons", "image")


@given(st.dictionaries(st.sampled_from(KEYS), st.text()))
def test_any_tags_lead_to_the_three_services_or_nowhere(tags):
    for photo in open_photos_of_tags(tags):
        parts = urlsplit(photo.url)
        assert parts.scheme == "https"
        assert parts.hostname in HOSTS
        assert photo.url.isascii()
        assert not set(photo.url) & set("\"'<> \n")


PLACES = (
    "",
    "https://api.panoramax.xyz/#pic=",
    "https://www.mapillary.com/app/?pKey=",
    "https://commons.wikimedia.org/wiki/File:",
    "https://upload.wikimedia.org/wikipedia/commons/a/ab/",
)


@given(st.sampled_from(PLACES), st.text())
def test_any_text_is_a_picture_or_refused(place, text):
    try:
        photo = open_photo_of_address(place + text)
    except OpenPhotoError:
        return
    assert open_photo_of_address(photo.url) == photo
