"""OpenSearch as the layer's requests meet it: a method, a path and a body in, a status and a document out."""

import json
from typing import Any

from local_aws.search import bulk
from local_aws.search.errors import Json, SearchError, not_served
from local_aws.search.mappings import FieldMappings
from simulation.memory_aws.client import Operation
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.search.conditions import holds
from simulation.memory_aws.search.documents import Documents

MOST_HITS = 10_000
OPERATIONS = {
    "_bulk": "bulk",
    "_mget": "mget",
    "_search": "search",
    "_delete_by_query": "delete_by_query",
    "": "create_index",
}


def operation_of(path: str) -> str:
    """Return what a path asks for, by a name as boto3 would have it."""
    _, _, rest = path.strip("/").partition("/")
    return OPERATIONS.get(rest, rest)


class SearchDomain:
    """One domain. A call's parameters are ``Path`` and ``Body``; its answer has ``status`` and ``document``."""

    reentrant = False

    def __init__(self) -> None:
        self.documents = Documents()
        self.operations: dict[str, Operation] = dict.fromkeys(OPERATIONS.values(), self._answered)

    def _answered(self, call: Call) -> Answer:
        path, body = call.parameters["Path"].strip("/"), call.parameters["Body"]
        if len(body) > bulk.LARGEST_REQUEST_BYTES:
            told = f"Request size exceeded {bulk.LARGEST_REQUEST_BYTES} bytes"
            return {"status": 413, "document": {"Message": told}}
        try:
            return {"status": 200, "document": self._document(call.operation, path.partition("/")[0], body)}
        except SearchError as error:
            return {"status": error.status, "document": error.document()}

    def _document(self, operation: str, index: str, body: bytes) -> Json:
        if operation == "bulk":
            items = bulk.write(self.documents, bulk.read(body, index), lambda _: None)
            return {"took": 0, "errors": any("error" in item["index"] for item in items), "items": items}
        asked: Json = json.loads(body or b"{}")
        match operation:
            case "create_index":
                self.documents.create_index(
                    index, FieldMappings(asked.get("mappings", {})), [*asked.get("aliases", {})]
                )
                return {"acknowledged": True, "shards_acknowledged": True, "index": index}
            case "mget":
                return {"docs": [self._got(index, one["_id"]) for one in asked["docs"]]}
            case "search":
                return self._found(index, asked)
            case "delete_by_query":
                return self._deleted(index, asked)
        raise not_served(operation)

    def _got(self, name: str, document_id: str) -> Json:
        try:
            index = self.documents.index_of(name)
        except SearchError as error:
            return {"_index": name, "_id": document_id, "error": error.document()["error"]}
        found = self.documents.get(index, document_id)
        if found is None:
            return {"_index": index, "_id": document_id, "found": False}
        told: Json = {"_index": index, "_id": document_id, "_version": found.version, "found": True}
        return told | {"_seq_no": found.seq_no, "_primary_term": 1}

    def _matching(self, name: str, asked: Json, most: int) -> list[Any]:
        index = self.documents.index_of(name)
        query, mappings = asked.get("query", {"match_all": {}}), self.documents.mappings(index)
        return [found for found in self.documents.of(index) if holds(query, found.source, mappings)][:most]

    def _found(self, name: str, asked: Json) -> Json:
        if unknown := asked.keys() - {"query", "size", "version", "track_total_hits"}:
            raise not_served(f"{sorted(unknown)} of a search in memory")
        hits = [
            {"_index": found.index, "_id": found.document_id, "_version": found.version, "_source": found.source}
            for found in self._matching(name, asked, asked.get("size", 10))
        ]
        return {"took": 0, "timed_out": False, "hits": {"max_score": None, "hits": hits}}

    def _deleted(self, name: str, asked: Json) -> Json:
        found = self._matching(name, asked, asked.get("max_docs", MOST_HITS))
        for one in found:
            self.documents.remove(one.index, one.document_id)
        return {"took": 0, "total": len(found), "deleted": len(found), "version_conflicts": 0, "failures": []}
