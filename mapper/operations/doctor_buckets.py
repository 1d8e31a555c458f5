"""What `doctor` sees of the buckets of photos, where there are some: who else can read or keep."""

import secrets

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile

from mapper.errors import Unavailable
from mapper.operations.findings import Findings, missing, unsafe
from mapper.photos import storage

_ANSWERS_S = 10.0


def examine() -> Findings:
    """Ask the store itself, with an object that is deleted again."""
    if not settings.S3:
        return
    for name, place in (("quarantine", storage.quarantine()), ("photos", storage.media())):
        bucket = settings.S3[name]["bucket_name"]
        probe = f"doctor-{secrets.token_hex(16)}"
        try:
            place.save(probe, ContentFile(b"probe"))
            yield from _of_strangers(place, bucket, probe)
            yield from _of_versions(place, bucket)
        except (Unavailable, BotoCoreError, ClientError, httpx.HTTPError) as error:
            yield missing(
                f"the bucket {bucket} can't be used ({type(error).__name__})",
                "check S3_ENDPOINT_URL, the keys and that the bucket exists",
            )
        finally:
            place.delete(probe)


def _of_strangers(place: storage.Place, bucket: str, probe: str) -> Findings:
    """Look whether somebody without keys can read or list it."""
    base = f"{settings.S3['photos']['endpoint_url'].rstrip('/')}/{bucket}"
    with httpx.Client(timeout=_ANSWERS_S) as stranger:
        for address in (f"{base}/{probe}", f"{base}?list-type=2&max-keys=1"):
            if stranger.get(address).is_success:
                yield unsafe(
                    f"anybody can read the bucket {bucket} without a key",
                    "make it private: no public policy, no public access; views serve the photos",
                )
                return


def _of_versions(place: storage.Place, bucket: str) -> Findings:
    """Look whether the store keeps what we delete."""
    client = place.connection.meta.client  # type: ignore[union-attr]  # buckets have one
    if client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled":
        yield unsafe(
            f"the bucket {bucket} keeps old versions: what is deleted stays",
            "suspend its versioning, and delete the versions that are there",
        )
