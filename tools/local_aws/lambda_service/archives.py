"""Unpacking deployment packages within Lambda's limits, whatever the archive says of itself.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from local_aws.lambda_service.errors import LambdaError, invalid_value

MOST_UNZIPPED_BYTES = 262_144_000
"""Of a function with its layers, or of a layer."""

_MOST_ENTRIES = 65_535
"""As many as the plain zip format counts."""
_MOST_FOLDERS = MOST_UNZIPPED_BYTES // 4096
"""A file system takes at least a block for each folder, which the sizes of the files do not show."""
_MOST_PARTS = 100
_MOST_NAME_BYTES = 1024
_DIRECTORY_ENTRY = b"PK\x01\x02"
_PIECE_BYTES = 1024 * 1024
_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""zipfile bounds the memory for these. With bzip2 and LZMA it decompresses everything that it reads at once."""

_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)


def unpack(archive: bytes, folder: Path) -> int:
    """Unpack into a new folder; return the bytes that its files have.

    Raises ServiceError InvalidParameterValueException for an archive that cannot be read, that would write outside the
    folder, or that unzips to more than Lambda takes. Then the folder may hold a part of it.
    """
    if archive.count(_DIRECTORY_ENTRY) > _MOST_ENTRIES:  # before zipfile builds an object of each
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            entries = packed.infolist()
            _check(entries)
            left = MOST_UNZIPPED_BYTES
            for entry in entries:
                left -= _write(packed, entry, folder, left)
    except LambdaError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, LookupError) as error:
        # What zipfile raises for damaged or encrypted data, an unknown method, or a name that no file can have.
        raise invalid_value(f"{_UNREADABLE} ({error})") from error
    folder.mkdir(parents=True, exist_ok=True)  # an archive without any file
    return MOST_UNZIPPED_BYTES - left


def check_together(sizes: Iterable[int]) -> None:
    """Refuse a function that is too large together with its layers."""
    if sum(sizes) > MOST_UNZIPPED_BYTES:
        raise invalid_value(
            f"Function code combined with layers exceeds the maximum allowed size of {MOST_UNZIPPED_BYTES} bytes. "
            f"The actual size is {sum(sizes)} bytes."
        )


def _check(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse at once what says by itself that it is too large or no plain tree of files."""
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNZIPPED_BYTES:
        raise _too_large()
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for entry in entries:
        path = _path(entry)
        if entry.compress_type not in _COMPRESSIONS:
            raise _refused(entry, "is neither stored nor deflated")
        if not entry.is_dir():
            if path in files:
                raise _refused(entry, "is there twice")
            files.add(path)
        _add_folders(folders, path if entry.is_dir() else path.parent)
        if len(folders) > _MOST_FOLDERS:
            raise invalid_value(f"{_UNREADABLE} (it has more than {_MOST_FOLDERS} folders)")
    for entry in entries:
        if not entry.is_dir() and _path(entry) in folders:
            raise _refused(entry, "is both a file and a folder")


def _add_folders(folders: set[PurePosixPath], folder: PurePosixPath) -> None:
    """Add a folder and those above it, up to one that is known."""
    while folder.parts and folder not in folders:
        folders.add(folder)
        folder = folder.parent


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    name = entry.filename
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise _refused(entry, "has a path that leads out of the package")
    if len(name.encode(errors="replace")) > _MOST_NAME_BYTES:
        raise _refused(entry, "has too long a name")
    if len(path.parts) > _MOST_PARTS:
        raise _refused(entry, f"is deeper than {_MOST_PARTS} folders")
    if stat.S_IFMT(entry.external_attr >> 16) not in _KINDS:
        raise _refused(entry, "is neither a file nor a folder")
    return path


def _write(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Write one entry; count what is really inflated, since declared sizes may lie."""
    place = folder / _path(entry)
    if entry.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        return 0
    place.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(entry) as source, place.open("xb") as file:
        size = _copy(source, file, left)
    if entry.external_attr >> 16 & stat.S_IXUSR:
        place.chmod(0o755)
    return size


def _copy(source: IO[bytes], file: IO[bytes], left: int) -> int:
    size = 0
    while piece := source.read(_PIECE_BYTES):
        size += len(piece)
        if size > left:
            raise _too_large()
        file.write(piece)
    return size


def _too_large() -> LambdaError:
    return invalid_value(f"Unzipped size must be smaller than {MOST_UNZIPPED_BYTES} bytes")


def _refused(entry: zipfile.ZipInfo, reason: str) -> LambdaError:
    return invalid_value(f"{_UNREADABLE} ({entry.filename[:100]!r} {reason})")
