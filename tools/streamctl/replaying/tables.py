"""Reading whole tables: segments side by side, page after page, refusals waited out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import batched
from typing import Any

from changestream.aws.refusals import refusals_translated
from changestream.core.errors import TransientError
from streamctl.replaying.patience import Patience

READ_LIMIT = 100
"""Keys of one BatchGetItem (API reference)."""

Item = Mapping[str, Any]
PatienceOf = Callable[[], Patience]


class TableReader:
    """Reads strongly consistently. Raises ``TransientError`` where a table refuses for longer than is waited for."""

    def __init__(self, client: Any, table: str, patience_of: PatienceOf = Patience) -> None:
        self._client = client
        self.table = table
        self._patience_of = patience_of

    def scan(self, segments: int = 1, **parameters: Any) -> Iterator[Item]:
        """Read the table, a thread for each segment; the items of a segment in its order, those of several mixed.

        A page of each segment is read ahead, and no more.
        """
        with ThreadPoolExecutor(segments) as threads:
            reading = {
                threads.submit(self._page, {"Segment": n, "TotalSegments": segments} | parameters)
                for n in range(segments)
            }
            while reading:
                done, reading = wait(reading, return_when=FIRST_COMPLETED)
                for page in done:
                    items, rest = page.result()
                    if rest:
                        reading.add(threads.submit(self._page, rest))
                    yield from items

    def get(self, keys: Sequence[Item], **parameters: Any) -> Iterator[tuple[Item, Item | None]]:
        """Return each key with its item, in the order of the keys, ``None`` for one that is not there."""
        for part in batched(keys, READ_LIMIT, strict=False):
            found = self._batch(list(part), parameters)
            yield from ((key, found.get(_text(key))) for key in part)

    def _page(self, request: Mapping[str, Any]) -> tuple[Sequence[Item], Mapping[str, Any] | None]:
        def scan() -> Mapping[str, Any]:
            with refusals_translated(f"scanning {self.table}"):
                page: Mapping[str, Any] = self._client.scan(TableName=self.table, ConsistentRead=True, **request)
            return page

        page = self._patience_of().persist(scan)
        last = page.get("LastEvaluatedKey")
        return page["Items"], {**request, "ExclusiveStartKey": last} if last else None

    def _batch(self, keys: list[Item], parameters: Mapping[str, Any]) -> dict[str, Item]:
        patience, found = self._patience_of(), {}
        request: Mapping[str, Any] | None = {"Keys": keys, "ConsistentRead": True, **parameters}
        names = keys[0].keys()
        while request:
            asked = request

            def read(asked: Mapping[str, Any] = asked) -> Mapping[str, Any]:
                with refusals_translated(f"reading {len(asked['Keys'])} rows of {self.table}"):
                    answer: Mapping[str, Any] = self._client.batch_get_item(RequestItems={self.table: asked})
                return answer

            answer = patience.persist(read)
            for item in answer["Responses"].get(self.table, ()):
                found[_text({name: item[name] for name in names})] = item
            request = answer.get("UnprocessedKeys", {}).get(self.table)
            if request:
                patience.after(TransientError(f"{len(request['Keys'])} rows of {self.table} stayed unread"))
        return found


def _text(key: Item) -> str:
    return repr(sorted(key.items(), key=lambda pair: pair[0]))
