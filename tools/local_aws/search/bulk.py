"""Bulk writes: each line pair on its own, under OpenSearch's rules of versions.

https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .. import json_text
from .errors import Json, SearchError, not_served
from .store import Store

LONGEST_ID_BYTES = 512
LARGEST_REQUEST_BYTES = 10 * 1024 * 1024
"""Of the smaller instance types (OpenSearch Service quotas)."""

Refused = Callable[[str], SearchError | None]
"""Whether the writing of one document, by `index/id`, is to be refused, and how."""


@dataclass(frozen=True, slots=True)
class Item:
    """One index action. `version` and `version_type` are None where the index counts by itself."""

    target: str
    document_id: str
    version: int | None
    version_type: str | None
    alias_required: bool
    source: bytes


def read(body: bytes, target: str) -> list[Item]:
    """Read a request; `SearchError` refuses it as a whole."""
    if not body.endswith(b"\n"):
        raise _bad("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
    lines = body[:-1].split(b"\n")
    if len(lines) % 2:
        raise _bad("illegal_argument_exception", "an action of this request lacks its document")
    items = [_item(action, source, target) for action, source in zip(lines[::2], lines[1::2], strict=True)]
    too_long = [one for one in items if len(one.document_id.encode()) > LONGEST_ID_BYTES]
    if too_long:
        told = "".join(
            f"{number}: id [{one.document_id}] is too long, must be no longer than {LONGEST_ID_BYTES} bytes but was: "
            f"{len(one.document_id.encode())};"
            for number, one in enumerate(too_long, start=1)
        )
        raise _bad("action_request_validation_exception", f"Validation Failed: {told}")
    return items


def write(store: Store, items: list[Item], refused: Refused) -> list[Json]:
    """Carry out every action that can be; answer what became of each."""
    with store.together():
        return [{"index": _outcome(store, item, refused)} for item in items]


def _outcome(store: Store, item: Item, refused: Refused) -> Json:
    index = item.target
    try:
        if error := refused(f"{item.target}/{item.document_id}"):
            raise error
        index = store.index_of(item.target, alias_required=item.alias_required)
        return _written(store, index, item)
    except SearchError as error:
        return {"_index": index, "_id": item.document_id, "status": error.status, "error": error.cause()}


def _written(store: Store, index: str, item: Item) -> Json:
    try:
        source = json_text.parse(item.source)
    except ValueError as error:
        raise _bad("mapper_parsing_exception", "failed to parse", caused_by=_parsing(error)) from None
    if not isinstance(source, dict):
        raise _bad("mapper_parsing_exception", "failed to parse: a document is an object")
    # A document is parsed before its version is looked at: a malformed one is malformed even where it is outdated.
    document = store.mappings(index).checked(item.document_id, source)
    former = store.get(index, item.document_id)
    version = _next_version(item, former.version if former else None, index)
    seq_no = store.put(index, item.document_id, version, document)
    return {
        "_index": index,
        "_id": item.document_id,
        "_version": version,
        "result": "updated" if former else "created",
        "_shards": {"total": 2, "successful": 1, "failed": 0},
        "_seq_no": seq_no,
        "_primary_term": 1,
        "status": 200 if former else 201,
    }


def _next_version(item: Item, current: int | None, index: str) -> int:
    """https://docs.opensearch.org/latest/api-reference/document-apis/index-document/, `version_type`."""
    if item.version is None:
        return (current or 0) + 1
    refuses = {"external": ("higher or equal to", 0), "external_gte": ("higher than", 1)}[str(item.version_type)]
    if current is not None and current >= item.version + refuses[1]:
        reason = f"[{item.document_id}]: version conflict, current version [{current}] is {refuses[0]} the one provided"
        raise SearchError(
            409, "version_conflict_engine_exception", f"{reason} [{item.version}]", index=index, shard="0"
        )
    return item.version


def _item(action: bytes, source: bytes, target: str) -> Item:
    try:
        ((kind, told),) = json_text.parse(action).items()
    except (ValueError, AttributeError) as error:
        raise _bad("illegal_argument_exception", f"Malformed action/metadata line: {error}") from None
    if not isinstance(told, dict) or not isinstance(told.get("_index", ""), str):
        raise _bad("illegal_argument_exception", "Malformed action/metadata line, expected an object")
    if kind != "index" or "_id" not in told:
        raise not_served(f"bulk action [{kind}]" if kind != "index" else "an action without _id")
    version, version_type = told.get("version"), told.get("version_type")
    if (version is None) != (version_type is None) or version_type not in (None, "external", "external_gte"):
        raise not_served(f"version_type [{version_type}]")
    if version is not None and not (
        isinstance(version, int) and not isinstance(version, bool) and 0 <= version < 2**63
    ):
        raise _bad("illegal_argument_exception", f"version [{version}] is no long from 0 on")
    alias_required = bool(told.get("require_alias", False))
    return Item(told.get("_index", target), str(told["_id"]), version, version_type, alias_required, source)


def _bad(kind: str, reason: str, **more: Json) -> SearchError:
    return SearchError(400, kind, reason, **more)


def _parsing(error: ValueError) -> Json:
    return {"type": "json_parse_exception", "reason": str(error)}
