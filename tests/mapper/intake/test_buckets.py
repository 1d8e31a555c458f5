"""Limits count places, not people, and keep no address."""

import stat
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory

from mapper.errors import TooMany, Unavailable
from mapper.intake import buckets
from mapper.intake.models import Bucket

LIMIT = buckets.Limit("test", 3, 5)


def request(address="203.0.113.7", forwarded=None, host="testserver"):
    meta = {"REMOTE_ADDR": address, "HTTP_HOST": host}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().post("/report/", **meta)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("127.0.0.1", "shared"),
        ("::1", "shared"),
        ("", "shared"),
        ("not an address", "shared"),
    ],
)
def test_a_place_is_an_address_a_64_or_the_shared_quota(address, place):
    assert buckets.place_of(request(address)) == place


@pytest.mark.parametrize("host", ["testserver", "abcdef.onion"])
def test_the_door_and_not_the_host_header_says_who_shares_the_quota(settings, host):
    settings.ONION_ADDRESS = "abcdef.onion"
    settings.ALLOWED_HOSTS = ["abcdef.onion", "testserver"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    # The clear door of nginx names the visitor's address, the onion door has none to name.
    assert buckets.place_of(request("127.0.0.1", "203.0.113.7", host)) == "203.0.113.7"
    assert buckets.place_of(request("127.0.0.1", None, host)) == "shared"
    assert buckets.place_of(request("203.0.113.7", None, host)) == "203.0.113.7"


def test_a_stranger_cannot_choose_the_address(settings):
    assert buckets.place_of(request(forwarded="198.51.100.1")) == "203.0.113.7"
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]
    assert buckets.place_of(request("127.0.0.1", "1.2.3.4, 198.51.100.1")) == "198.51.100.1"
    assert buckets.place_of(request("127.0.0.1", "198.51.100.1, 10.1.1.1")) == "198.51.100.1"
    assert buckets.place_of(request("127.0.0.1", "what, ever")) == "shared"
    assert buckets.place_of(request("203.0.113.7", "1.2.3.4")) == "203.0.113.7"
    assert buckets.place_of(request("127.0.0.1")) == "shared"


@pytest.mark.django_db
def test_over_the_limit_is_slow_and_far_over_is_refused():
    met = [buckets.is_over(request(), LIMIT) for _ in range(60)]
    assert met == [False] * 3 + [True] * 57
    with pytest.raises(TooMany) as caught:
        buckets.is_over(request(), LIMIT)
    assert 0 < caught.value.retry_after_s <= 3600
    assert buckets.is_over(request("203.0.113.8"), LIMIT) is False


@pytest.mark.django_db
def test_the_next_hour_begins_anew():
    with time_machine.travel("2026-05-12T10:59:00Z", tick=False):
        assert [buckets.is_over(request(), LIMIT) for _ in range(4)][-1] is True
    with time_machine.travel("2026-05-12T11:01:00Z", tick=False):
        assert buckets.is_over(request(), LIMIT) is False
        assert Bucket.objects.count() == 2
        assert buckets.purge_buckets() == 1


@pytest.mark.django_db
def test_no_address_is_kept():
    buckets.is_over(request(), LIMIT)
    kept = str(Bucket.objects.values_list().get())
    assert "203.0.113" not in kept
    assert "203.0.113" not in Path(buckets.settings.BUCKET_SALT_FILE).read_text()


@pytest.mark.django_db
def test_the_table_is_unlogged():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'intake_bucket'")
        assert cursor.fetchone()[0] in ("u", b"u")


def test_the_salt_lives_a_day_in_a_file_of_ours(settings):
    with time_machine.travel("2026-05-12T10:00:00Z"):
        salt = buckets._salt()
        assert buckets._salt() == salt
    with time_machine.travel("2026-05-13T00:00:01Z"):
        assert buckets._salt() != salt
    assert stat.S_IMODE(Path(settings.BUCKET_SALT_FILE).stat().st_mode) == 0o600


def test_a_salt_file_that_others_can_read_is_not_used(settings):
    path = Path(settings.BUCKET_SALT_FILE)
    path.touch(mode=0o644)
    path.chmod(0o644)
    with pytest.raises(Unavailable):
        buckets._salt()
    path.unlink()
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(Unavailable):
        buckets._salt()
