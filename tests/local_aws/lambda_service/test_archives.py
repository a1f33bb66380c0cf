"""Deployment packages that lie about themselves: refused as Lambda refuses them, before they fill the disk."""

from __future__ import annotations

import base64
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local_aws.lambda_service import LambdaService, archives
from local_aws.lambda_service.archives import MOST_UNZIPPED_BYTES, unpack
from local_aws.lambda_service.errors import LambdaError

type Entries = list[tuple[str | zipfile.ZipInfo, bytes]]
ROLE = "arn:aws:iam::123456789012:role/r"


def zipped(entries: Entries, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as packed:
        for entry, content in entries:
            packed.writestr(entry, content)
    return archive.getvalue()


@cache
def bomb(size: int = MOST_UNZIPPED_BYTES + 1, files: int = 1) -> bytes:
    """A small archive of zeros."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(files):
            with packed.open(f"zeros{number}", "w", force_zip64=True) as file:
                for begin in range(0, size // files, 1_000_000):
                    file.write(bytes(min(1_000_000, size // files - begin)))
    return archive.getvalue()


def lying(archive: bytes, declared: int = 10) -> bytes:
    """The same archive, whose directory says that its one file has `declared` bytes."""
    damaged = bytearray(archive)
    place = damaged.rindex(b"PK\x01\x02")
    struct.pack_into("<L", damaged, place + 24, declared)
    return bytes(damaged)


def special(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


def encrypted() -> bytes:
    damaged = bytearray(zipped([("app.py", b"code")]))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        damaged[damaged.index(mark) + offset] |= 1
    return bytes(damaged)


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped([("app.py", b"one"), ("app.py", b"two")])


def damaged() -> bytes:
    archive = bytearray(zipped([("app.py", bytes(1000))], zipfile.ZIP_STORED))
    archive[60] ^= 1
    return bytes(archive)


def unknown_method() -> bytes:
    archive = bytearray(zipped([("app.py", b"code")]))
    for mark, offset in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        struct.pack_into("<H", archive, archive.index(mark) + offset, 97)
    return bytes(archive)


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no archive": lambda: b"this is no archive",
    "only a beginning": lambda: zipped([("app.py", bytes(1000))])[:-30],
    "a path upwards": lambda: zipped([("../evil.py", b"code")]),
    "a path upwards within": lambda: zipped([("a/../../evil.py", b"code")]),
    "an absolute path": lambda: zipped([("/tmp/evil.py", b"code")]),
    "a path of Windows": lambda: zipped([("..\\evil.py", b"code")]),
    "a symbolic link": lambda: zipped([(special("link", 0o120777), b"/etc/passwd")]),
    "a device": lambda: zipped([(special("device", 0o020666), b"")]),
    "a name twice": twice,
    "a file below a file": lambda: zipped([("app", b"code"), ("app/app.py", b"code")]),
    "a very long name": lambda: zipped([("a" * 2000, b"code")]),
    "a long part of a name": lambda: zipped([("a" * 500, b"code")]),
    "an encrypted file": encrypted,
    "a damaged file": damaged,
    "an unknown compression": unknown_method,
    "deep folders": lambda: zipped([("a/" * 200 + "app.py", b"code")]),
    "a folder and a file": lambda: zipped([("app/", b""), ("app", b"code")]),
    "many folders": lambda: zipped([("/".join(f"{n}-{m}" for m in range(90)) + "/", b"") for n in range(800)]),
    "bzip2": lambda: zipped([("app.py", b"code")], zipfile.ZIP_BZIP2),
    "LZMA": lambda: zipped([("app.py", b"code")], zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_archive_that_cannot_be_unpacked_is_refused_and_leaves_nothing(
    service: LambdaService, client: Any, name: str
) -> None:
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="Could not unzip uploaded file"):
        client.create_function(
            FunctionName="f", Runtime="python3.13", Role=ROLE, Handler="a.b", Code={"ZipFile": REFUSED[name]()}
        )

    assert not any((service._folder / "code").iterdir())


BOMBS: dict[str, Callable[[], bytes]] = {
    "declared": bomb,
    "together": lambda: bomb(MOST_UNZIPPED_BYTES + 5, files=5),
    "lying": lambda: lying(bomb()),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_package_of_more_than_250_mb_is_refused_before_it_fills_disk_or_memory(
    service: LambdaService, client: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = BOMBS[name]()
    written = 0
    real = Path.open

    def watched(path: Path, *args: Any, **more: Any) -> Any:
        nonlocal written
        written += 1
        return real(path, *args, **more)

    monkeypatch.setattr(Path, "open", watched)
    assert len(archive) < 1_000_000
    tracemalloc.start()
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        client.publish_layer_version(LayerName="l", Content={"ZipFile": archive})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert written <= 1
    assert peak < 50_000_000
    assert "Unzipped size must be smaller than 262144000 bytes" in str(refused.value) or "unzip" in str(refused.value)
    assert not any((service._folder / "code").iterdir())


def test_a_size_that_lies_does_not_get_more_onto_the_disk_than_it_says(tmp_path: Path) -> None:
    with pytest.raises(LambdaError):
        unpack(lying(bomb(5_000_000)), tmp_path)

    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) <= 5_000_000


def test_a_function_and_its_layers_have_one_limit_together(
    service: LambdaService, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_UNZIPPED_BYTES", 1_000_000)
    layers = [
        service.publish_layer_version({"LayerName": f"l{number}", "Content": {"ZipFile": bomb(600_000 + number)}})
        for number in range(2)
    ]
    arns = [layer["LayerVersionArn"] for layer in layers]
    deploy("", Layers=arns[:1])

    with pytest.raises(LambdaError, match="exceeds the maximum allowed size of 1000000 bytes"):
        service.update_function_configuration({"FunctionName": "consumer", "Layers": arns})


def test_text_that_is_no_base64_is_refused(service: LambdaService) -> None:
    for text in ("%%%", "UEsF", "ü", "A" * 5):
        with pytest.raises(LambdaError, match="Could not unzip uploaded file"):
            service.publish_layer_version({"LayerName": "l", "Content": {"ZipFile": text}})


def test_a_plain_archive_with_folders_is_unpacked(tmp_path: Path) -> None:
    archive = zipped([("a/", b""), ("a/b.py", b"code"), ("c.py", base64.b64encode(bytes(300)))])

    assert unpack(archive, tmp_path / "out") == 404
    assert (tmp_path / "out/a/b.py").read_bytes() == b"code"


def test_a_package_with_too_many_entries_is_refused_before_they_are_read(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    count = 400_000
    directory = entry * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)
    tracemalloc.start()
    try:
        with pytest.raises(LambdaError, match="Unzipped size"):
            unpack(directory + end, tmp_path / "code")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 64 * 1024 * 1024
