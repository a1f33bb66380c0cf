"""Ion 1.0 binary, read only: the documents that a ledger writes (Amazon Ion specification, "Binary Encoding").

Values become those of Python that say the same: struct to dict, list and S-expression to list, string and symbol to
str, decimal to Decimal, timestamp to an aware datetime, blob and clob to bytes, null of any type to None. Annotations
are passed over. What Python could only misrepresent is refused: a struct that names a field twice, a symbol without
text. Whatever the bytes are, reading them ends, and ends soon.
"""

from collections.abc import Iterator
from struct import unpack
from typing import Any

from changestream.core.quoting import quoted
from changestream.wire.ion_budget import MOST_SYMBOL_CHARACTERS, Budget
from changestream.wire.ion_numbers import decimal, timestamp, unsigned_varint

VERSION_MARKER = b"\xe0\x01\x00\xea"
DEEPEST = 100
"""Levels of nesting: far more than documents have, far fewer than Python's stack."""

SYSTEM_SYMBOLS: tuple[str | None, ...] = (
    None, "$ion", "$ion_1_0", "$ion_symbol_table", "name", "version", "imports", "symbols", "max_id",
    "$ion_shared_symbol_table",
)  # fmt: skip
SYMBOL_TABLE = "$ion_symbol_table"

PADDED, BOOL, POSITIVE, NEGATIVE, FLOAT, DECIMAL, TIMESTAMP, SYMBOL, STRING = range(9)
CLOB, BLOB, LIST, S_EXPRESSION, STRUCT, ANNOTATED = range(9, 15)
SORTED, LENGTH_FOLLOWS, NULL = 1, 14, 15
"""Codes of types, and lengths that mean something else."""


class NotIon(ValueError):
    """The bytes are not one value of Ion 1.0, or not one that Python can represent; says why."""


def load(document: bytes, budget: Budget | None = None) -> Any:
    """Return the one value of a document. Raises ``NotIon``, also for a document of more values than the budget has."""
    if not document.startswith(VERSION_MARKER):
        raise NotIon(f"it begins with {document[:4].hex() or 'nothing'}, not with the version marker of Ion 1.0")
    reader = _Reader(document, budget or Budget())
    try:
        values = list(reader.values())
    except UnicodeDecodeError as error:
        raise NotIon(f"text that is not UTF-8: {error.reason}") from None
    except (ValueError, ArithmeticError, IndexError) as error:
        raise NotIon(str(error)) from None
    if len(values) != 1:
        raise NotIon(f"{len(values)} values in it, where one is expected")
    return values[0]


class _Reader:
    """Reads a document from its beginning; ``symbols`` are those defined so far."""

    def __init__(self, document: bytes, budget: Budget) -> None:
        self._document = document
        self._spend = budget.of_a_document()
        self._symbols = list(SYSTEM_SYMBOLS)
        self._symbol_characters = 0

    def values(self) -> Iterator[Any]:
        """Yield the values of the document; its symbol tables are not among them."""
        at, end = 0, len(self._document)
        while at < end:
            if self._document[at] == VERSION_MARKER[0]:
                if self._document[at : at + 4] != VERSION_MARKER:
                    raise ValueError("a version of Ion other than 1.0")
                self._symbols = list(SYSTEM_SYMBOLS)
                self._spend()
                at += 4
                continue
            kind, length, start, stop = self._extent(at, end)
            if kind == ANNOTATED:
                annotation, wrapped = self._wrapped(start, stop)
                value = self._value(wrapped, stop, 1)
                if annotation == SYMBOL_TABLE and isinstance(value, dict):
                    self._define(value)
                else:
                    yield value
            elif kind != PADDED or length == NULL:
                yield self._value(at, stop, 0)
            at = stop

    def _extent(self, at: int, end: int) -> tuple[int, int, int, int]:
        """Return (type, length code, start of the content, its end) of the value at a place."""
        self._spend()
        document = self._document
        kind, length = document[at] >> 4, document[at] & 0x0F
        at += 1
        if length < LENGTH_FOLLOWS and not (length == SORTED and kind == STRUCT):
            stop = at if kind == BOOL else at + length
        elif length == NULL:
            stop = at
        else:
            size, at = unsigned_varint(document, at, end)
            stop = at + size
        if stop > end:
            raise ValueError("a value reaches beyond its end")
        return kind, length, at, stop

    def _value(self, at: int, end: int, depth: int) -> Any:
        """Return the value that fills a stretch of the document."""
        kind, length, start, stop = self._extent(at, end)
        if stop != end:
            raise ValueError("a value ends before its annotations say")
        return self._content(kind, length, start, stop, depth)

    def _content(self, kind: int, length: int, start: int, stop: int, depth: int) -> Any:
        if length == NULL and kind < ANNOTATED:
            return None
        document = self._document
        if kind == STRING:
            return document[start:stop].decode()
        if kind == SYMBOL:
            return self._text(int.from_bytes(document[start:stop]))
        if kind == POSITIVE:
            return int.from_bytes(document[start:stop])
        if kind == STRUCT:
            return self._struct(start, stop, depth + 1, is_sorted=length == SORTED)
        if kind in (LIST, S_EXPRESSION):
            return self._list(start, stop, depth + 1)
        if kind == ANNOTATED:
            return self._value(self._wrapped(start, stop)[1], stop, depth + 1)
        if kind == NEGATIVE and any(document[start:stop]):
            return -int.from_bytes(document[start:stop])
        if kind == BOOL and length < 2:
            return length == 1
        if kind == DECIMAL:
            return decimal(document[start:stop])
        if kind == TIMESTAMP and stop > start:
            return timestamp(document[start:stop])
        if kind == FLOAT and stop - start in (0, 4, 8):
            return unpack(">f" if stop - start == 4 else ">d", document[start:stop])[0] if stop > start else 0.0
        if kind in (CLOB, BLOB):
            return document[start:stop]
        raise ValueError(f"a value of type {kind} and length {length}, which Ion 1.0 does not know")

    def _list(self, at: int, end: int, depth: int) -> list[Any]:
        _require_shallow(depth)
        values = []
        while at < end:
            kind, length, start, stop = self._extent(at, end)
            if kind != PADDED or length == NULL:
                values.append(self._content(kind, length, start, stop, depth))
            at = stop
        return values

    def _struct(self, at: int, end: int, depth: int, *, is_sorted: bool) -> dict[str, Any]:
        """Return the fields of a struct. One that says it is sorted has fields, in the order of their symbols."""
        _require_shallow(depth)
        if is_sorted and at == end:
            raise ValueError("a sorted struct without fields")
        values: dict[str, Any] = {}
        before = -1
        while at < end:
            symbol, at = unsigned_varint(self._document, at, end)
            if is_sorted and symbol < before:
                raise ValueError("a sorted struct that is not sorted")
            before = symbol
            kind, length, start, stop = self._extent(at, end)
            if kind != PADDED or length == NULL:
                name = self._text(symbol)
                if name in values:
                    raise ValueError(f"a struct that has {quoted(name)} twice")
                values[name] = self._content(kind, length, start, stop, depth)
            at = stop
        return values

    def _wrapped(self, at: int, end: int) -> tuple[str, int]:
        """Return (first annotation, where the annotated value begins)."""
        size, at = unsigned_varint(self._document, at, end)
        wrapped = at + size
        first, _ = unsigned_varint(self._document, at, min(wrapped, end))
        if wrapped >= end or self._document[wrapped] >> 4 == ANNOTATED:
            raise ValueError("annotations of nothing, or of annotations")
        return self._text(first), wrapped

    def _text(self, symbol: int) -> str:
        text = self._symbols[symbol] if symbol < len(self._symbols) else None
        if text is None:
            raise ValueError(f"symbol {symbol} has no text here")
        self._symbol_characters += len(text)
        if self._symbol_characters > MOST_SYMBOL_CHARACTERS:
            raise ValueError(f"symbols of more than {MOST_SYMBOL_CHARACTERS:,} characters")
        return text

    def _define(self, table: dict[str, Any]) -> None:
        """Take over a local symbol table: new symbols, after those so far if it imports them."""
        imports = table.get("imports")
        if isinstance(imports, list) and imports:
            raise ValueError("symbols imported from a shared table, which is not at hand")
        if imports != SYMBOL_TABLE:
            self._symbols = list(SYSTEM_SYMBOLS)
        symbols = table.get("symbols")
        if isinstance(symbols, list):
            self._symbols += [text if isinstance(text, str) else None for text in symbols]


def _require_shallow(depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"values nested more than {DEEPEST} deep")
