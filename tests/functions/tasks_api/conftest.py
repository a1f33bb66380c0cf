from collections.abc import Callable, Iterator

import pytest

import app
from conftest import ClientOf
from functions.tasks_api.api_requests import Api


@pytest.fixture
def api(client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    tables = create_table("listId", "taskId"), create_table("listId", "taskId"), create_table("task", "revision")
    for name, table in zip(("TASKS_TABLE", "TASK_COUNTS_TABLE", "TASK_HISTORY_TABLE"), tables, strict=True):
        monkeypatch.setenv(name, table)
    app.tasks.cache_clear()
    app.views.cache_clear()
    yield Api(client_of("dynamodb"), *tables)
    app.tasks.cache_clear()
    app.views.cache_clear()
