"""Code as it lies on this machine: an unpacked zip archive, or someone's source folder used in place."""

import base64
import binascii
import hashlib
import shutil
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.lambda_service.archives import unpack
from local_aws.lambda_service.errors import invalid_value

_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."

type ObjectReader = Callable[[str, str, str | None], bytes]  # bucket, key, version


@dataclass(frozen=True, slots=True)
class Artifact:
    """A folder of code with what the API tells about it."""

    folder: Path
    sha256: str
    size: int
    unzipped: int  # the bytes of its files, 0 of a folder used in place
    in_place: bool  # a source folder: neither ours to write into nor to remove


class ArtifactStore:
    """Turns the `Code` or `Content` of a request into a folder below `root`."""

    def __init__(self, root: Path, read_object: ObjectReader) -> None:
        self._root = root
        self._read_object = read_object
        root.mkdir(parents=True, exist_ok=True)

    def store(self, source: Mapping[str, Any]) -> Artifact:
        """`source` has ZipFile (bytes or base64), S3Bucket and S3Key, ImageUri, or LocalPath (`wsgi` refuses that).

        Raises ServiceError InvalidParameterValueException for an archive that cannot be read or found.
        """
        if "LocalPath" in source:
            return _in_place(Path(source["LocalPath"]).resolve())
        if "ImageUri" in source:
            return self._image(str(source["ImageUri"]))
        if "S3Bucket" in source and "S3Key" in source:
            archive = self._read_object(source["S3Bucket"], source["S3Key"], source.get("S3ObjectVersion"))
        elif "ZipFile" in source:
            archive = _decoded(source["ZipFile"])
        else:
            raise invalid_value("Please provide a source for function code.")
        return self._unpack(archive)

    def _image(self, uri: str) -> Artifact:
        """Stand for an image by an empty folder: images do not run here."""
        folder = self._root / "images"
        folder.mkdir(exist_ok=True)
        return Artifact(folder, hashlib.sha256(uri.encode()).hexdigest(), 0, 0, in_place=False)

    def _unpack(self, archive: bytes) -> Artifact:
        digest = hashlib.sha256(archive).digest()
        folder = self._root / digest.hex()[:32]
        if folder.exists():
            unzipped = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        else:
            unzipped = self._unpack_into(folder, archive)
        return Artifact(folder, base64.b64encode(digest).decode(), len(archive), unzipped, in_place=False)

    def _unpack_into(self, folder: Path, archive: bytes) -> int:
        unfinished = self._root / uuid.uuid4().hex
        try:
            unzipped = unpack(archive, unfinished)
            with suppress(OSError):  # someone else was first
                unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return unzipped


def _in_place(folder: Path) -> Artifact:
    if not folder.is_dir():
        raise invalid_value(f"There is no folder {folder}: give the one that holds the handler's module.")
    # Its content changes under the editor: the name of the folder stands for it.
    digest = hashlib.sha256(str(folder).encode()).digest()
    return Artifact(folder, base64.b64encode(digest).decode(), 0, 0, in_place=True)


def _decoded(archive: bytes | str) -> bytes:
    if isinstance(archive, bytes):
        return archive
    try:
        return base64.b64decode(archive, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid_value(_UNREADABLE) from error
