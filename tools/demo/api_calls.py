"""The part of the demo that goes through the API: tasks created, changed, completed, archived and deleted, requests
repeated, and changes based on what is no longer so."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.api_client import ApiAnswer, ApiClient, Document
from domain.tasks import Key

LISTS, TASKS = 4, 24


@dataclass(slots=True)
class ApiCalls:
    """What was done, and what has to have come of it: the tasks that are left, the archived ones, wrong answers."""

    left: dict[Key, Document] = field(default_factory=dict)
    archived: list[Key] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)

    def play(self, api: ApiClient) -> None:
        """Create tasks, and do one thing or another to each."""
        deeds = (self._leave, self._change, self._change_twice, self._complete, self._archive, self._delete)
        for number in range(TASKS):
            list_id = f"api-{number % LISTS}"
            created = self._create(api, list_id, number)
            path = f"/lists/{list_id}/tasks/{created.document['taskId']}"
            deed: Callable[[ApiClient, str, ApiAnswer], ApiAnswer | None] = deeds[number % len(deeds)]
            answer = deed(api, path, created)
            if answer is not None:
                self.left[list_id, created.document["taskId"]] = answer.document

    def told(self) -> str:
        """Return one line that says what was done."""
        return ", ".join(f"{count} {deed}" for deed, count in self.done.items())

    def _create(self, api: ApiClient, list_id: str, number: int) -> ApiAnswer:
        """Create a task by a request that is sent twice, as by a client that lost the answer."""
        task = {"description": f"order {number} through the API", "dueDate": "2026-12-24"}
        first, again = (
            api.ask("POST", f"/lists/{list_id}/tasks", task, Idempotency_Key=f"order-{number}") for _ in range(2)
        )
        self._expect("created", first, 201)
        if first.document != again.document:
            self.surprises.append(f"a repeated request made {again.document} beside {first.document}")
        return first

    def _leave(self, _: ApiClient, __: str, created: ApiAnswer) -> ApiAnswer:
        return created

    def _change(self, api: ApiClient, path: str, created: ApiAnswer) -> ApiAnswer:
        answer = api.ask("PATCH", path, {"status": "in_progress"}, If_Match=created.etag)
        return self._expect("changed", answer, 200)

    def _change_twice(self, api: ApiClient, path: str, created: ApiAnswer) -> ApiAnswer:
        """Change a task, and have another change refused that is based on the version before."""
        changed = self._change(api, path, created)
        refused = api.ask("PATCH", path, {"description": "too late"}, If_Match=created.etag)
        self._expect("refused as out of date (412)", refused, 412)
        return changed

    def _complete(self, api: ApiClient, path: str, _: ApiAnswer) -> ApiAnswer:
        return self._expect("completed", api.ask("POST", f"{path}/complete"), 200)

    def _archive(self, api: ApiClient, path: str, created: ApiAnswer) -> None:
        self._expect("archived", api.ask("POST", f"{path}/archive", If_Match=created.etag), 200)
        self.archived.append((created.document["listId"], created.document["taskId"]))

    def _delete(self, api: ApiClient, path: str, created: ApiAnswer) -> None:
        self._expect("deleted", api.ask("DELETE", path, If_Match=created.etag), 204)

    def _expect(self, deed: str, answer: ApiAnswer, status: int) -> ApiAnswer:
        self.done[deed] += 1
        if answer.status != status:
            self.surprises.append(f"{deed}: answered with {answer.status} {answer.document}")
        return answer
