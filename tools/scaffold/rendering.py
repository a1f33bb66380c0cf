"""The patterns, filled in for a request."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from consumers.kinds import Feed, Kind
from scaffold.errors import RefusedRequest
from scaffold.request import ConsumerRequest

PATTERNS = Path(__file__).with_name("patterns")
CONFIGURATION = Path(__file__).parents[2] / "pyproject.toml"
SUMMARIES = {
    Kind.NEWEST: "the newest state of every task",
    Kind.ROWS: "one row for each change of a task",
    Kind.TALLY: "the number of tasks with and without a due date, per list",
    Kind.EFFECT: "one notification for each task that is done",
    Kind.WINDOW: "the changes of tasks, per list and tumbling window",
}
ACTIONS = {
    Kind.NEWEST: "[dynamodb:GetItem, dynamodb:PutItem]",
    Kind.ROWS: "dynamodb:BatchWriteItem",
    Kind.TALLY: "[dynamodb:BatchGetItem, dynamodb:PutItem, dynamodb:UpdateItem]",
    Kind.EFFECT: "[dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem]",
    Kind.WINDOW: "dynamodb:BatchWriteItem",
}
"""What each kind does with its view, as the layer's classes call DynamoDB."""

PARAMETERS = {
    Kind.ROWS: "",
    Kind.WINDOW: "${MeasureWindowSeconds} ${MeasureDays} ",
}


def rendered(pattern: str, request: ConsumerRequest) -> str:
    """Return a file of ``patterns`` for a consumer; Python code is formatted."""
    try:
        text = _environment().get_template(pattern).render(_values(request))
    except TemplateNotFound as missing:
        raise RefusedRequest(f"{PATTERNS.name}/{missing} is missing: a file of the project refers to it") from missing
    return formatted(text) if pattern.endswith(".py.jinja") else text


def formatted(code: str) -> str:
    """Return Python code in the project's format. Where lines break depends on the length of the consumer's name."""
    arguments = ["ruff", "format", "--config", str(CONFIGURATION), "--stdin-filename", "app.py", "-"]
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout


def _values(request: ConsumerRequest) -> dict[str, Any]:
    from_table = request.feed is Feed.TABLE
    services = ["dynamodb", *([] if from_table else ["kinesis"])]
    services += ["sns", "sqs"] if request.kind is Kind.EFFECT else ["sqs"]
    return {
        "name": request.name,
        "kind": request.kind.value,
        "pascal": request.pascal,
        "view": request.view,
        "topic_id": request.topic,
        "variable": request.variable,
        "topic_variable": request.topic_variable,
        "from_table": from_table,
        "source": "TasksTable's stream" if from_table else "ChangeStream",
        "batch": "the table's stream" if from_table else "captured changes",
        "adapter_base": "TableStreamConsumer" if from_table else "CaptureConsumer",
        "adapter_classes": "Change, TableStreamConsumer" if from_table else "CaptureConsumer, Change",
        "summary": SUMMARIES[request.kind],
        "target": request.topic if request.kind is Kind.EFFECT else request.view,
        "actions": ACTIONS[request.kind],
        "parameters": PARAMETERS.get(request.kind, "${TombstoneDays} "),
        "services": services,
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PATTERNS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the files are code and prose, not HTML
    )
