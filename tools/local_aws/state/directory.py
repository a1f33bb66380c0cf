"""A folder that holds the state of one endpoint: snapshot, change log, code of functions, large objects.

The snapshot is replaced after each request that changes more than items, records or checkpoints; those go to the
change log, one frame each. Both happen before the request is answered. A start reads both, and begins a new log.
"""

from __future__ import annotations

import fcntl
import io
import os
import threading
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .change_log import ChangeLog, Replay
from .keeper import Kept, KeptEntries, KeptItems
from .pickling import SnapshotPickler, SnapshotUnpickler, pickled

FORMAT = 2

type Snapshot = dict[str, Any]


class StateDirectory:
    """`UsageError` on construction if another endpoint uses the folder. Any thread may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        for each in (self.folder, self.code, self.folder / "objects"):
            each.mkdir(parents=True, exist_ok=True)
        self._lock_file = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock_file)
            raise UsageError(f"another endpoint uses the state directory {folder}") from error
        self._generation = 0
        self._log: ChangeLog | None = None
        self._known: set[str] = set()
        self._own: Mapping[str, Any] = {}
        self._collect: Callable[[], AbstractContextManager[Snapshot]] | None = None
        self._changed = threading.Condition()
        self._wanted = self._saved = 0
        self._saving = False
        self._touched = threading.local()
        self.notes: dict[str, dict[Hashable, Any]] = {}

    @property
    def code(self) -> Path:
        """Where the code of functions lies, unpacked."""
        return self.folder / "code"

    @property
    def search_file(self) -> Path:
        """Where the search service keeps its documents, by means of its own."""
        return self.folder / "search.sqlite"

    def load(self, own: Mapping[str, Any]) -> Snapshot | None:
        """What an earlier endpoint left; None in a new folder. `own` names what this process puts in."""
        self._own = own
        path = self.folder / "snapshot"
        if not path.exists():
            return None
        head, _, body = path.read_bytes().partition(b"\n")
        form, self._generation = map(int, head.split())
        if form != FORMAT:
            raise UsageError(f"the state in {self.folder} is of format {form}, this program's is {FORMAT}")
        replay = Replay().read(self._log_path())
        self.notes = replay.notes
        snapshot: Snapshot = SnapshotUnpickler(io.BytesIO(body), own, self.folder, replay).load()
        return snapshot

    def begin(self, collect: Callable[[], AbstractContextManager[Snapshot]]) -> None:
        """From now on keep what `collect` yields, under the locks of all services, and what the log is told."""
        self._collect = collect
        former = self._log_path()
        self._generation += 1
        self._log_path().unlink(missing_ok=True)
        self._log = ChangeLog(self._log_path())
        for kind, notes in self.notes.items():
            for key, value in notes.items():
                self._log.append(("note", kind, key, value))
        used = self._write()
        former.unlink(missing_ok=True)
        for path in (self.folder / "objects").iterdir():
            if path.name not in used:
                path.unlink()

    def save(self) -> None:
        """Return once a snapshot has been written that was begun after this call; callers share one."""
        with self._changed:
            self._wanted += 1
            ticket = self._wanted
            self._changed.wait_for(lambda: self._saved >= ticket or not self._saving)
            if self._saved >= ticket:
                return
            self._saving, covered = True, self._wanted
        try:
            self._write()
        except BaseException:
            covered = 0
            raise
        finally:
            with self._changed:
                self._saving, self._saved = False, max(self._saved, covered)
                self._changed.notify_all()

    def save_if_touched(self) -> None:
        """Save if something was touched on this thread."""
        if getattr(self._touched, "here", False):
            self._touched.here = False
            self.save()

    def close(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
        os.close(self._lock_file)

    # Keeper

    def item(self, items: KeptItems, hash_key: Any, range_key: Any, item: Any) -> None:
        self._append(("item", items.name, hash_key, range_key, item))

    def entry(self, entries: KeptEntries, entry: Any) -> None:
        self._append(("entry", entries.name, entry))

    def note(self, kind: str, key: Hashable, value: Any) -> None:
        self._append(("note", kind, key, value))

    def touch(self) -> None:
        self._touched.here = True

    def together(self) -> AbstractContextManager[None]:
        assert self._log is not None  # noqa: S101 - begun before it serves
        return self._log.together()

    def _append(self, change: tuple[Any, ...]) -> None:
        if self._log is not None:
            self._log.append(change)

    def _write(self) -> set[str]:
        assert self._collect is not None  # noqa: S101 - begun
        with self._collect() as snapshot:
            content, files = pickled(
                snapshot, lambda file: SnapshotPickler(file, self._own, self.folder, self._introduce)
            )
        unfinished = self.folder / "snapshot.part"
        unfinished.write_bytes(f"{FORMAT} {self._generation}\n".encode() + content)
        unfinished.rename(self.folder / "snapshot")
        return files

    def _introduce(self, kept: Kept) -> None:
        """Write a container whole when it is first met: it may have had content before it was told entry by entry."""
        if kept.name not in self._known:
            self._known.add(kept.name)
            self._append(("kept", kept))

    def _log_path(self) -> Path:
        return self.folder / f"changes-{self._generation}"
