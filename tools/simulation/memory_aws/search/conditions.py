"""The queries that views ask a search index, held against one document.

https://docs.opensearch.org/latest/query-dsl/
"""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from local_aws.search.errors import Json, not_served
from local_aws.search.mappings import FieldMappings

_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def holds(query: Json, source: Json, mappings: FieldMappings) -> bool:
    """Tell whether a query finds a document. Raises ``SearchError`` for what is not known here."""
    ((kind, asked),) = query.items()
    match kind:
        case "match_all":
            return True
        case "term":
            ((field, value),) = asked.items()
            value = value["value"] if isinstance(value, dict) else value
            return field in source and source[field] == value
        case "range":
            ((field, bounds),) = asked.items()
            if source.get(field) is None:
                return False
            found = mappings.comparable(field, source[field])
            return all(_BOUNDS[name](found, mappings.comparable(field, bound)) for name, bound in bounds.items())
        case "bool":
            wanted = [*_several(asked, "filter"), *_several(asked, "must")]
            return all(holds(each, source, mappings) for each in wanted) and not any(
                holds(each, source, mappings) for each in _several(asked, "must_not")
            )
    raise not_served(f"query [{kind}] in memory")


def _several(asked: Json, name: str) -> list[Json]:
    found = asked.get(name, [])
    return found if isinstance(found, list) else [found]
