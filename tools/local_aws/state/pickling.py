"""The pickle format of a snapshot: what is kept elsewhere, or belongs to this process, is left out by name."""

from __future__ import annotations

import hashlib
import io
import pickle
import threading
from collections.abc import Callable, Mapping
from pathlib import Path, PosixPath
from typing import Any, get_args

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from local_aws.complaint import complain

from .change_log import Replay
from .keeper import Kept, KeptEntries, KeptItems

LARGE = 65_536
"""Bytes from this size on (objects of buckets) lie in files of their own, named by their digest."""

_ATTEMPTS = 5
_UNPICKLABLE = (TypeError, AttributeError, pickle.PicklingError)
_PRIVATE_KEYS: tuple[type, ...] = get_args(PrivateKeyTypes)
_RLOCK, _LOCK = type(threading.RLock()), type(threading.Lock())


class SnapshotPickler(pickle.Pickler):
    """`own` names the objects of this process; `unknown` is told every container before it is left out."""

    def __init__(self, file: io.BytesIO, own: Mapping[str, Any], folder: Path, unknown: Callable[[Kept], None]):
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._own = {id(each): name for name, each in own.items()}
        self._folder = folder
        self._unknown = unknown
        self.files: set[str] = set()

    def persistent_id(self, thing: Any) -> tuple[str, str] | None:
        if isinstance(thing, KeptItems | KeptEntries):
            self._unknown(thing)
            return type(thing).__name__, thing.name
        if id(thing) in self._own:
            return "own", self._own[id(thing)]
        if type(thing) is bytes and len(thing) >= LARGE:
            return "bytes", self._stored(thing)
        if type(thing) is PosixPath and thing.is_relative_to(self._folder):
            return "path", str(thing.relative_to(self._folder))
        return None

    def reducer_override(self, thing: Any) -> Any:
        """Locks are made anew; private keys (of KMS) have a form of their own."""
        if type(thing) in (_RLOCK, _LOCK):
            return (threading.RLock if type(thing) is _RLOCK else threading.Lock), ()
        if isinstance(thing, _PRIVATE_KEYS):
            key: Any = thing
            form = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            return _private_key, (form,)
        return NotImplemented

    def _stored(self, content: bytes) -> str:
        digest = hashlib.blake2b(content, digest_size=20).hexdigest()
        self.files.add(digest)
        path = self._folder / "objects" / digest
        if not path.exists():
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(content)
            unfinished.rename(path)
        return digest


class SnapshotUnpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, own: Mapping[str, Any], folder: Path, replay: Replay) -> None:
        super().__init__(file)
        self._own = own
        self._folder = folder
        self._replay = replay

    def persistent_load(self, reference: tuple[str, str]) -> Any:
        kind, name = reference
        if kind == "own":
            return self._own[name]
        if kind == "bytes":
            return (self._folder / "objects" / name).read_bytes()
        if kind == "path":
            return self._folder / name
        return self._replay.container(KeptItems if kind == "KeptItems" else KeptEntries, name)


def pickled(snapshot: dict[str, Any], new_pickler: Callable[[io.BytesIO], SnapshotPickler]) -> tuple[bytes, set[str]]:
    """The bytes of a snapshot and the files it refers to; services that cannot be pickled are left out, and named."""
    for _ in range(_ATTEMPTS):
        file = io.BytesIO()
        pickler = new_pickler(file)
        try:
            pickler.dump(snapshot)
        except RuntimeError:  # a dictionary grew meanwhile: that of a stack in the making
            continue
        except _UNPICKLABLE:
            snapshot["backends"] = [each for each in snapshot["backends"] if _is_picklable(each, new_pickler)]
        else:
            return file.getvalue(), pickler.files
    raise pickle.PicklingError("the state cannot be written: it does not come to rest, or holds what cannot be kept")


def _is_picklable(backend: Any, new_pickler: Callable[[io.BytesIO], SnapshotPickler]) -> bool:
    try:
        new_pickler(io.BytesIO()).dump(backend)
    except _UNPICKLABLE as error:
        complain(f"local_aws: the state of {backend[0]} is not kept: {error}")
        return False
    return True


def _private_key(form: bytes) -> PrivateKeyTypes:
    return load_der_private_key(form, None)
