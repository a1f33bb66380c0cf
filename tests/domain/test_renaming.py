"""The script of docs/your-own.md that puts the words of another domain in the place of tasks."""

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = (
    "events/kinesis-changes.json",
    "events/kinesis-ledger-revisions.json",
    "functions/count_tasks/app.py",
    "layers/changestream/tasks/task.py",
    "tools/local_aws/lambda_service/loop_thread.py",
)


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """A repository with some files of this one, after the script."""
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "your-own.md").read_text(), re.DOTALL)
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for command in (["git", "init", "--quiet"], ["git", "add", "."], [sys.executable, "-c", script]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


def test_words_and_files_have_the_new_names(renamed: Path) -> None:
    consumer = (renamed / "functions" / "count_orders" / "app.py").read_text()

    assert not (renamed / "functions" / "count_tasks" / "app.py").exists()
    assert "from orders.order import is_order, order_after" in consumer
    assert '"customerId", "orderId"' in consumer
    assert not re.search("task|listid|list_id", consumer, re.IGNORECASE)
    assert "class OrderStatus" in (renamed / "layers" / "changestream" / "orders" / "order.py").read_text()


def test_names_of_the_language_stay(renamed: Path) -> None:
    module = (renamed / "tools" / "local_aws" / "lambda_service" / "loop_thread.py").read_text()

    assert "asyncio.all_tasks" in module
    assert "asyncio.current_task" in module


def test_the_changes_in_a_sample_event_have_the_new_keys(renamed: Path) -> None:
    event = json.loads((renamed / "events" / "kinesis-changes.json").read_text())
    keys = [json.loads(b64decode(record["kinesis"]["data"]))["dynamodb"]["Keys"] for record in event["Records"]]

    assert keys
    assert all(each.keys() == {"customerId", "orderId"} for each in keys)


def test_records_of_the_ledger_stay(renamed: Path) -> None:
    name = "events/kinesis-ledger-revisions.json"

    assert [each["kinesis"]["data"] for each in json.loads((renamed / name).read_text())["Records"]] == [
        each["kinesis"]["data"] for each in json.loads((ROOT / name).read_text())["Records"]
    ]
