"""An append-only file of changes, each a frame: length, check sum, pickled tuple.

A frame is written with one call, before the request it belongs to is answered, and not forced onto the disk: what
was answered outlives the process, killed or not, though not the machine. A frame cut short is the last one, of a
request that has had no answer: it counts as not there.
"""

from __future__ import annotations

import os
import pickle
import struct
import threading
import zlib
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .keeper import Kept, KeptEntries, KeptItems

_HEAD = struct.Struct("<II")

type Change = tuple[Any, ...]


class ChangeLog:
    """Open for appending; any thread may append."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self._pending = threading.local()

    def append(self, change: Change) -> None:
        pending: list[Change] | None = getattr(self._pending, "changes", None)
        if pending is not None:
            pending.append(change)
        else:
            self._write([change])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one frame of what this thread appends within."""
        if getattr(self._pending, "changes", None) is not None:
            yield
            return
        changes = self._pending.changes = []
        try:
            yield
        finally:
            self._pending.changes = None
            if changes:
                self._write(changes)

    def close(self) -> None:
        os.close(self._file)

    def _write(self, changes: list[Change]) -> None:
        body = pickle.dumps(changes, pickle.HIGHEST_PROTOCOL)
        frame = _HEAD.pack(len(body), zlib.crc32(body)) + body
        with self._lock:
            while frame:
                frame = frame[os.write(self._file, frame) :]


class Replay:
    """What a log amounts to: containers by name, notes by kind and key."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.notes: dict[str, dict[Hashable, Any]] = {}

    def read(self, path: Path) -> Replay:
        """Take every whole frame of the file, in order."""
        content = path.read_bytes() if path.exists() else b""
        place = 0
        while place + _HEAD.size <= len(content):
            length, check_sum = _HEAD.unpack_from(content, place)
            body = content[place + _HEAD.size : place + _HEAD.size + length]
            if len(body) < length or zlib.crc32(body) != check_sum:
                break
            for change in pickle.loads(body):  # noqa: S301 - written by this program, for itself
                self._take(change)
            place += _HEAD.size + length
        return self

    def container(self, kind: type[Kept], name: str) -> Kept:
        """The container of a name; one of which nothing was told is empty."""
        return self.kept.setdefault(name, kind(name))

    def _take(self, change: Change) -> None:
        match change:
            case ("kept", kept):
                self.kept[kept.name] = kept
            case ("item", name, hash_key, range_key, item):
                items = self.container(KeptItems, name)
                if isinstance(items, KeptItems):
                    items.set(hash_key, range_key, item)
            case ("entry", name, entry):
                entries = self.container(KeptEntries, name)
                if isinstance(entries, KeptEntries):
                    entries.append(entry)
            case ("note", kind, key, value):
                self.notes.setdefault(kind, {})[key] = value
