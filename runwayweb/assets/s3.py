"""A bucket of S3 as the media storage: https://docs.aws.amazon.com/AmazonS3/latest/API/, or a server that speaks as it.

Whatever goes wrong there is an OSError here, as of a disk: who writes files and who reads them know what to do about
those. The bucket is closed to everybody; browsers are handed addresses that are signed for one file and for a while.
"""

import contextlib
import math
import tempfile
import time
from functools import cached_property

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage as Storage

from runwayweb.assets.storage import StorageAway

PART_BYTES = 16 * 1024**2  # of what is sent and fetched in parts
SEVERAL = 1000  # files in one question, at most
WATCH_SECONDS, WATCH_EVERY = 2.0, 5.0
PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"mode": "standard", "total_max_attempts": 3}}


@contextlib.contextmanager
def as_of_a_disk(name):
    """Its errors as OSErrors, "there is no such file" as FileNotFoundError."""
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(name) from error
        raise StorageAway(f"S3 refused {name}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageAway(f"S3 does not answer about {name}: {error}") from error


@deconstructible
class S3Storage(Storage):
    """`public_endpoint`: where browsers reach it, None for where this machine does."""

    def __init__(self, *, public_endpoint=None, addressing_style="auto", **options):
        self.public_endpoint = public_endpoint or options.get("endpoint_url")
        config = Config(
            s3={"addressing_style": addressing_style},
            signature_version="s3v4",
            # Checksums of AWS's own, that servers of others do not know, only where it insists.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            **PATIENCE,
        )
        in_parts = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4)
        self._watched_at, self._answered = -math.inf, False
        super().__init__(client_config=config, transfer_config=in_parts, file_overwrite=True, **options)

    @property
    def client(self):
        return self.connection.meta.client

    @cached_property
    def signer(self):
        """A client that signs for where browsers go. It asks nobody; threads may share it."""
        told = {"region_name": self.region_name, "endpoint_url": self.public_endpoint, "config": self.client_config}
        return self._create_session().client("s3", **told)

    @cached_property
    def watcher(self):
        """A client that asks once and does not wait long."""
        config = self.client_config.merge(
            Config(
                connect_timeout=WATCH_SECONDS / 2,
                read_timeout=WATCH_SECONDS / 2,
                retries={"mode": "standard", "total_max_attempts": 1},
            )
        )
        told = {"region_name": self.region_name, "endpoint_url": self.endpoint_url, "verify": self.verify}
        return self._create_session().client("s3", config=config, **told)

    def answers(self):
        """Whether the bucket is there and lets this studio in, as of the last WATCH_EVERY seconds; whoever asks waits
        for WATCH_SECONDS at most."""
        if time.monotonic() - self._watched_at >= WATCH_EVERY:
            try:
                self.watcher.head_bucket(Bucket=self.bucket_name)
                self._answered = True
            except (ClientError, BotoCoreError):
                self._answered = False
            self._watched_at = time.monotonic()
        return self._answered

    def key_of(self, name):
        """What the bucket calls a stored file."""
        return self._normalize_name(name)

    def address_of(self, name, *, media_type, disposition=None, seconds=None):
        """Where a browser gets a stored file, and for how long: without asking whether it is there.

        The answer has this type and disposition. A header that S3 does not know (X-Content-Type-Options) cannot be
        asked for.
        """
        told = {"ResponseContentType": media_type, "ResponseCacheControl": "private, max-age=86400, immutable"}
        told |= {"ResponseContentDisposition": disposition} if disposition else {}
        params = {"Bucket": self.bucket_name, "Key": self.key_of(name)} | told
        return self.signer.generate_presigned_url("get_object", params, seconds or self.querystring_expire)

    def form_for(self, name, *, most_bytes, seconds):
        """(address, fields) of a form that lays one file of at most so many bytes into the bucket as `name`.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
        """
        size = [["content-length-range", 1, most_bytes]]
        form = self.signer.generate_presigned_post(
            self.bucket_name, self.key_of(name), Conditions=size, ExpiresIn=seconds
        )
        return form["url"], form["fields"]

    def begin_parts(self, name, media_type="application/octet-stream"):
        """The id of a file that comes in parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

        Nothing of it is to be seen before `complete_parts`.
        """
        with as_of_a_disk(name):
            told = self.client.create_multipart_upload(
                Bucket=self.bucket_name, Key=self.key_of(name), ContentType=media_type
            )
        return told["UploadId"]

    def address_of_part(self, name, parts_id, number, size_bytes, *, seconds):
        """Where a browser sends part `number`, from 1, of exactly so many bytes. Asks nobody."""
        params = {"Bucket": self.bucket_name, "Key": self.key_of(name), "UploadId": parts_id, "PartNumber": number}
        return self.signer.generate_presigned_url("upload_part", params | {"ContentLength": size_bytes}, seconds)

    def parts_of(self, name, parts_id):
        """{number: (bytes, etag)} of the parts that have come. Raises FileNotFoundError for one that is no more."""
        with as_of_a_disk(name):
            pages = self.client.get_paginator("list_parts").paginate(
                Bucket=self.bucket_name, Key=self.key_of(name), UploadId=parts_id
            )
            parts = [part for page in pages for part in page.get("Parts", ())]
        return {part["PartNumber"]: (part["Size"], part["ETag"]) for part in parts}

    def complete_parts(self, name, parts_id, parts):
        """All of it is here: from now on it is a file, and its parts cannot be sent again."""
        told = [{"PartNumber": number, "ETag": etag} for number, (_bytes, etag) in sorted(parts.items())]
        with as_of_a_disk(name):
            self.client.complete_multipart_upload(
                Bucket=self.bucket_name, Key=self.key_of(name), UploadId=parts_id, MultipartUpload={"Parts": told}
            )

    def abort_parts(self, name, parts_id):
        """Forget a file that came in parts, and all that came."""
        with contextlib.suppress(FileNotFoundError), as_of_a_disk(name):
            self.client.abort_multipart_upload(Bucket=self.bucket_name, Key=self.key_of(name), UploadId=parts_id)

    def copy_out(self, name, file):
        """Write all of a stored file into a local one. Raises OSError."""
        with as_of_a_disk(name):
            self.client.download_fileobj(self.bucket_name, self.key_of(name), file, Config=self.transfer_config)

    def _open(self, name, mode="rb"):
        """The whole file, here: who reads it may go back and forth, and finds no half of it."""
        if mode != "rb":
            raise ValueError("A file of the bucket is written in one step.")
        file = tempfile.TemporaryFile()  # not a spooled one: FFmpeg cannot find its way in those
        try:
            self.copy_out(name, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return File(file, name=name)

    def _save(self, name, content):
        with as_of_a_disk(name):
            return super()._save(name, content)

    def delete(self, name):
        with as_of_a_disk(name):
            super().delete(name)

    def delete_all(self, names):
        """Delete files, whether they are there or not; as many as one asset has. Raises StorageAway."""
        keys = [{"Key": self.key_of(name)} for name in names]
        for first in range(0, len(keys), SEVERAL):
            with as_of_a_disk(names[first]):
                some = {"Objects": keys[first : first + SEVERAL], "Quiet": True}
                told = self.client.delete_objects(Bucket=self.bucket_name, Delete=some)
            if errors := told.get("Errors"):
                raise StorageAway(f"S3 did not delete {errors[0].get('Key')}: {errors[0].get('Code')}")

    def exists(self, name):
        with as_of_a_disk(name):
            return super().exists(name)

    def listdir(self, name):
        with as_of_a_disk(name):
            return super().listdir(name)

    def size(self, name):
        with as_of_a_disk(name):
            return self.client.head_object(Bucket=self.bucket_name, Key=self.key_of(name))["ContentLength"]

    def lying_since(self, folder):
        """(name, when it came) of each file in a folder and below it."""
        prefix = f"{self.key_of(folder)}/"
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=prefix)
        with as_of_a_disk(folder):
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield f"{folder}/{entry['Key'].removeprefix(prefix)}", entry["LastModified"]
