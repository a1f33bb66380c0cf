"""The audit of the API: what it lists, counts, tells and finds, compared with what was done through it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from demo.api_calls import LISTS, ApiCalls
from demo.api_client import ApiClient, Document
from demo.audit import Finding
from domain.tasks import Item, Key

PAGE = 3


def audit_api(api: ApiClient, calls: ApiCalls, tasks: Mapping[Key, Item]) -> Finding:
    """Compare every task that was made through the API, by every route that reads."""
    listed: dict[Key, Document] = {}
    differences = list(calls.surprises)
    for number in range(LISTS):
        path = f"/lists/api-{number}"
        of_list = api.pages(f"{path}/tasks", "tasks", PAGE)
        listed |= {(task["listId"], task["taskId"]): task for task in of_list}
        counts = api.ask("GET", f"{path}/counts").document["byStatus"]
        if +Counter(counts) != Counter(task["status"] for task in of_list):
            differences.append(f"{path}: counted {counts}, listed {len(of_list)} tasks")
    differences += [
        f"{'/'.join(key)}: listed {listed.get(key)}, answered {calls.left.get(key)}, in truth {tasks.get(key)}"
        for key in sorted({*listed, *calls.left})
        if not _agree(listed.get(key), calls.left.get(key), tasks.get(key))
    ]
    differences += _one_by_one(api, calls)
    return Finding("tasks_api, per task", len(calls.left) + len(calls.archived), differences)


def _agree(listed: Document | None, answered: Document | None, item: Item | None) -> bool:
    if listed is None or item is None or listed != answered:
        return False
    attributes = {name: next(iter(value.values())) for name, value in item.items() if name != "createdFrom"}
    return attributes == {name: str(value) for name, value in listed.items() if value is not None}


def _one_by_one(api: ApiClient, calls: ApiCalls) -> Iterator[str]:
    for (list_id, task_id), task in calls.left.items():
        told = api.pages(f"/lists/{list_id}/tasks/{task_id}/history", "revisions", PAGE)
        if [each["after"]["version"] for each in told] != list(range(task["version"], 0, -1)):
            yield f"{list_id}/{task_id}: version {task['version']}, and {len(told)} revisions"
        if api.ask("GET", f"/lists/{list_id}/tasks/{task_id}").document != task:
            yield f"{list_id}/{task_id} is read otherwise than it was answered"
        words = task["description"].replace(" ", "%20")
        found = api.ask("GET", f"/search?q={words}&listId={list_id}").document["tasks"]
        if task_id not in [each["taskId"] for each in found]:
            yield f"{list_id}/{task_id} is not found by its words"
    for list_id, task_id in calls.archived:
        told = api.pages(f"/lists/{list_id}/tasks/{task_id}/history", "revisions", PAGE)
        if not told or not told[0]["byTimeToLive"]:
            yield f"{list_id}/{task_id} is archived, and was not deleted by its time to live"
