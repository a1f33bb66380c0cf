"""Documents of indexes in dictionaries, in the place of the served endpoint's database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from local_aws.search.errors import Json, SearchError, no_such_index
from local_aws.search.mappings import FieldMappings
from local_aws.search.store import Found, Store


class Documents(Store):
    """What bulk writes need of the endpoint's ``Store``; found by id, or by going through all of them."""

    def __init__(self) -> None:
        self._indexes: dict[str, dict[str, Found]] = {}
        self._aliases: dict[str, str] = {}
        self._of: dict[str, FieldMappings] = {}
        self._written: dict[str, int] = {}

    def close(self) -> None:
        """There is nothing to close."""

    @contextmanager
    def together(self) -> Iterator[None]:
        yield

    def create_index(self, name: str, mappings: FieldMappings, aliases: Sequence[str]) -> None:
        if name in self._indexes:
            reason = f"index [{name}/{name}] already exists"
            raise SearchError(400, "resource_already_exists_exception", reason, index=name, index_uuid=name)
        self._indexes[name], self._of[name] = {}, mappings
        self._aliases |= dict.fromkeys(aliases, name)

    def index_of(self, name: str, *, alias_required: bool = False) -> str:
        if name in self._aliases:
            return self._aliases[name]
        if name not in self._indexes or alias_required:
            raise no_such_index(name, alias_required=alias_required)
        return name

    def mappings(self, index: str) -> FieldMappings:
        return self._of[index]

    def get(self, index: str, document_id: str) -> Found | None:
        return self._indexes[index].get(document_id)

    def put(self, index: str, document_id: str, version: int, source: Json) -> int:
        number = self._written.get(index, 0)
        self._written[index] = number + 1
        self._indexes[index][document_id] = Found(index, document_id, version, number, source)
        return number

    def remove(self, index: str, document_id: str) -> None:
        self._indexes[index].pop(document_id, None)

    def of(self, index: str) -> list[Found]:
        """Return the documents of an index in the order in which they were first written."""
        return list(self._indexes[index].values())
