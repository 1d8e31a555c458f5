"""Near a school a photo passes as a crop to the device only."""

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from mapper.operations import doctor_photos
from mapper.photos import actions
from mapper.photos.boxes import Box, Redaction
from mapper.photos.cropping import CropMissing, needs_crop, uncropped_near_schools
from mapper.photos.models import GATE, Photo, PhotoState
from mapper.photos.reading import PhotoFacts
from mapper.places.models import School
from mapper.sightings.models import Sighting
from tests import pictures
from tests.evidence import make_device
from tests.published import accept_sighting

pytestmark = pytest.mark.django_db

LON, LAT = -1.68, 48.11
# 0.0003 degrees of latitude are 33 m, 0.001 are 111 m.
NEAR, FAR = LAT - 0.0003, LAT - 0.001


@pytest.fixture
def school():
    grounds = MultiPolygon(Polygon.from_bbox((LON - 0.001, LAT, LON + 0.001, LAT + 0.001)))
    return School.objects.create(code="s", name="École", area=grounds)


def waiting(lat):
    """Return a cleaned photo of an undecided report."""
    place = Point(LON, lat, srid=4326)
    photo = actions.receive_photo(
        sighting=Sighting.objects.create(arrived_at=timezone.now(), location=place),
        upload_name=actions.keep_upload(data=pictures.phone_photo()),
        facts=PhotoFacts(),
        may_be_public=True,
    )
    return actions.clean_photo(photo_id=photo.id)


def accepted(photo, lat):
    """Give the photo to a device at another place."""
    photo.sighting = accept_sighting(make_device(lon=LON, lat=lat).claims.get())
    photo.save()
    return photo


def crop(photo, share):
    """Return a redaction that leaves so much of the photo's height."""
    size = photo.size
    return Redaction(crop=Box(0, 0, size.width_px, round(size.height_px * share) // 16 * 16))


def publish(photo, redaction=None):
    return actions.publish_photo(photo=photo, gate=GATE, redaction=redaction)


@pytest.mark.usefixtures("school")
def test_near_a_school_only_a_crop_can_pass():
    photo = waiting(NEAR)
    for redaction in (None, Redaction(), crop(photo, 0.8)):
        with pytest.raises(CropMissing):
            publish(photo, redaction)
    assert Photo.objects.get().state == PhotoState.AWAITING_REVIEW
    assert publish(photo, crop(photo, 0.5)).state == PhotoState.PUBLISHED


@pytest.mark.usefixtures("school")
def test_elsewhere_all_of_a_photo_may_pass():
    assert publish(waiting(FAR)).state == PhotoState.PUBLISHED


def test_without_schools_no_photo_needs_a_crop():
    assert not needs_crop(waiting(NEAR))


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("moved", ["exif_location", "device"])
def test_each_place_that_is_known_of_it_counts(moved):
    photo = waiting(FAR)
    if moved == "device":
        accepted(photo, NEAR)
    else:
        photo.exif_location = Point(LON, NEAR, srid=4326)
    assert needs_crop(photo)


def test_doctor_names_what_was_public_before_the_school_was_known(school):
    school.delete()
    photo = accepted(waiting(FAR), NEAR)
    publish(photo)
    (finding,) = doctor_photos.examine()
    assert "no schools are known" in finding.what
    school.save()
    assert list(uncropped_near_schools()) == [photo]
    (finding,) = doctor_photos.examine()
    assert str(photo.id) in finding.what


@pytest.mark.usefixtures("school")
def test_doctor_is_content_with_crops():
    photo = accepted(waiting(FAR), NEAR)
    publish(photo, crop(photo, 0.5))
    assert list(doctor_photos.examine()) == []
