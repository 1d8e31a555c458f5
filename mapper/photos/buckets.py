"""A bucket of an S3-compatible store as a place for photos, by django-storages.

It is private, the public copies' too: only our own views read it, and no visitor's page names it.
The store notes when an object was written; that can't be changed, and `docs/operating.md` says so.
"""

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from storages.backends.s3 import S3Storage

from mapper.errors import Unavailable
from mapper.photos.folders import UPLOAD

log = logging.getLogger(__name__)

# Seconds since 1970 at which an upload came; a copy under another name takes it along.
_CAME = "came"
_GONE = {"404", "NoSuchKey", "NotFound"}
# Stores of others don't know the checksums that boto3 adds by itself.
_CLIENT = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"max_attempts": 3, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)


class Bucket(S3Storage):  # type: ignore[misc]  # it has no types
    """Objects under random names, private, of a fixed type."""

    def __init__(self, **options: Any):
        """Take the bucket's name, the store's address and keys."""
        super().__init__(
            **options,
            client_config=_CLIENT,
            default_acl=None,
            file_overwrite=True,
            querystring_auth=True,
            signature_version="s3v4",
        )

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Return what the store notes beside the bytes."""
        if name.endswith(UPLOAD):
            came = {_CAME: str(int(time.time()))}
            return {"ContentType": "application/octet-stream", "Metadata": came}
        return {"ContentType": "image/jpeg"}

    def _save(self, name: str, content: "File[Any]") -> str:
        with _answering():
            saved: str = super()._save(name, content)
        return saved

    def _open(self, name: str, mode: str = "rb") -> Any:
        # Whole: a store that stops answering in the middle is told here, where it is asked.
        with _answering(), super()._open(name, mode) as file:
            return ContentFile(file.read(), name)

    def delete(self, name: str) -> None:
        """Delete an object; where the store does not answer, the sweep tries again."""
        try:
            super().delete(name)
        except (BotoCoreError, ClientError) as error:
            log.warning("an object was not deleted and is left to the sweep: %s", type(error))

    def rename(self, old: str, new: str) -> None:
        """Give an object another name.

        A store has no renaming: of two who try at the very same moment both may succeed.
        """
        client = self.connection.meta.client
        source = {"Bucket": self.bucket_name, "Key": old}
        try:
            with _answering():
                client.copy_object(Bucket=self.bucket_name, Key=new, CopySource=source)
        except ClientError as error:
            raise FileNotFoundError(old) from error
        self.delete(old)

    def older_than(self, age_s: float) -> Iterator[str]:
        """Yield the names of objects that have lain there longer; an upload's age is its own."""
        limit = time.time() - age_s
        client = self.connection.meta.client
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name)
        with _answering():
            for page in pages:
                for found in page.get("Contents", []):
                    if self._since(found) <= limit:
                        yield found["Key"]

    def _since(self, found: dict[str, Any]) -> float:
        written: float = found["LastModified"].timestamp()
        if not found["Key"].endswith(UPLOAD):
            return written
        with contextlib.suppress(ClientError, ValueError, KeyError):
            head = self.connection.meta.client.head_object(
                Bucket=self.bucket_name, Key=found["Key"]
            )
            return min(written, float(head["Metadata"][_CAME]))
        return written


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Turn a store that does not answer, or refuses, into an error that can be shown."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _GONE:
            raise
        raise Unavailable(_("The photos can't be reached right now; try again soon.")) from error
    except BotoCoreError as error:
        raise Unavailable(_("The photos can't be reached right now; try again soon.")) from error
