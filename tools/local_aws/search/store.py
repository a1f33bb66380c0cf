"""Indexes, aliases and documents in a file of SQLite, their words in FTS5.

A write is there for every reader at once; with OpenSearch, searches find it after the next refresh, within a second.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from .errors import Json, SearchError, no_such_index
from .mappings import FieldMappings
from .queries import FIELDS_PER_DOCUMENT, SqlCondition, sortable

_TABLES = (
    "CREATE TABLE IF NOT EXISTS indexes (name TEXT PRIMARY KEY, uuid TEXT, mappings TEXT, next_seq_no INTEGER)",
    "CREATE TABLE IF NOT EXISTS aliases (name TEXT PRIMARY KEY, index_name TEXT)",
    "CREATE TABLE IF NOT EXISTS documents (index_name TEXT, id TEXT, version INTEGER, seq_no INTEGER, source TEXT,"
    " UNIQUE (index_name, id))",
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5"
    " (text, tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\")",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A document as it stands; `sort` holds what it was sorted by."""

    index: str
    document_id: str
    version: int
    seq_no: int
    source: Json
    sort: Sequence[Any] = ()


class Store:
    """Without a file it is gone when it is closed. Any thread may use it; `together` makes several writes one."""

    def __init__(self, path: Path | None) -> None:
        self._lock = RLock()
        self._mappings: dict[str, FieldMappings] = {}
        self._sqlite = sqlite3.connect(path or "", check_same_thread=False, isolation_level=None)
        self._sqlite.execute("PRAGMA journal_mode = WAL")
        self._sqlite.execute("PRAGMA synchronous = OFF")  # it outlives the process, not the machine
        for table in _TABLES:
            self._sqlite.execute(table)
        self._sqlite.create_function("comparable", 3, self._comparable, deterministic=True)

    def close(self) -> None:
        with self._lock:
            self._sqlite.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._lock:
            self._sqlite.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._sqlite.execute("ROLLBACK")
                raise
            self._sqlite.execute("COMMIT")

    def create_index(self, name: str, mappings: FieldMappings, aliases: Sequence[str]) -> None:
        with self.together():
            row = self._sqlite.execute("SELECT uuid FROM indexes WHERE name = ?", (name,)).fetchone()
            if row is not None:
                reason = f"index [{name}/{row[0]}] already exists"
                raise SearchError(400, "resource_already_exists_exception", reason, index=name, index_uuid=row[0])
            content = json.dumps(mappings.document)
            self._sqlite.execute("INSERT INTO indexes VALUES (?, ?, ?, 0)", (name, uuid4().hex[:22], content))
            for alias in aliases:
                self._sqlite.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (alias, name))

    def index_of(self, name: str, *, alias_required: bool = False) -> str:
        """The index behind a name; `SearchError` if there is none, or if the name shall be an alias and is none."""
        with self._lock:
            row = self._sqlite.execute("SELECT index_name FROM aliases WHERE name = ?", (name,)).fetchone()
            if row is None and not alias_required:
                row = self._sqlite.execute("SELECT name FROM indexes WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise no_such_index(name, alias_required=alias_required)
        return str(row[0])

    def mappings(self, index: str) -> FieldMappings:
        if index not in self._mappings:
            with self._lock:
                row = self._sqlite.execute("SELECT mappings FROM indexes WHERE name = ?", (index,)).fetchone()
            self._mappings[index] = FieldMappings(json.loads(row[0]))
        return self._mappings[index]

    def get(self, index: str, document_id: str) -> Found | None:
        found = self._select("WHERE index_name = ? AND id = ?", (index, document_id), ())
        return found[0] if found else None

    def put(self, index: str, document_id: str, version: int, source: Json) -> int:
        """Put a document in its place; answer the number of the operation."""
        with self._lock:
            (seq_no,) = self._sqlite.execute("SELECT next_seq_no FROM indexes WHERE name = ?", (index,)).fetchone()
            self._sqlite.execute("UPDATE indexes SET next_seq_no = next_seq_no + 1 WHERE name = ?", (index,))
            self.remove(index, document_id)
            row = (index, document_id, version, seq_no, json.dumps(source))
            place = self._sqlite.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row).lastrowid or 0
            for number, field in enumerate(self.mappings(index).text_fields()):
                if source.get(field) is not None:
                    words = (place * FIELDS_PER_DOCUMENT + number, str(source[field]))
                    self._sqlite.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", words)
        return int(seq_no)

    def remove(self, index: str, document_id: str) -> None:
        with self._lock:
            row = self._sqlite.execute(
                "DELETE FROM documents WHERE index_name = ? AND id = ? RETURNING rowid", (index, document_id)
            ).fetchone()
            if row is not None:
                first = row[0] * FIELDS_PER_DOCUMENT
                self._sqlite.execute(
                    "DELETE FROM words WHERE rowid BETWEEN ? AND ?", (first, first + FIELDS_PER_DOCUMENT - 1)
                )

    def count(self, index: str, wanted: SqlCondition) -> int:
        """How many documents a condition holds for."""
        counting = f"SELECT count(*) FROM documents WHERE index_name = ? AND {wanted.sql}"  # noqa: S608
        with self._lock:
            return int(self._sqlite.execute(counting, (index, *wanted.values)).fetchone()[0])

    def find(self, index: str, wanted: SqlCondition, order: Sequence[tuple[str, bool]], most: int) -> list[Found]:
        """The first documents that a condition holds for."""
        fields = [sortable(field) for field, _ in order]
        sequence = [f"{each} {'DESC' if down else 'ASC'}" for each, (_, down) in zip(fields, order, strict=True)]
        ending = f"WHERE index_name = ? AND {wanted.sql} ORDER BY {', '.join([*sequence, 'rowid'])} LIMIT ?"
        return self._select(ending, (index, *wanted.values, most), fields)

    def _select(self, ending: str, values: tuple[Any, ...], sort: Sequence[str]) -> list[Found]:
        columns = ", ".join(["index_name", "id", "version", "seq_no", "source", *sort])
        with self._lock:
            rows = self._sqlite.execute(f"SELECT {columns} FROM documents {ending}", values).fetchall()  # noqa: S608
        return [Found(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5:]) for row in rows]

    def _comparable(self, index: str, field: str, value: Any) -> Any:
        return self.mappings(index).comparable(field, value)
