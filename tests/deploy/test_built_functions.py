"""Each file of events/ is answered by the built function that it is for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from architecture.sources import ROOT
from deploy.built_function import LAYER, BuiltFunction
from deploy.processes import BUILD

EVENTS = ROOT / "events"
INDEX: dict[str, dict[str, str]] = json.loads((EVENTS / "index.json").read_text())
LAYER_LIMIT = 15 * 1024 * 1024


@pytest.mark.parametrize("name", INDEX)
def test_a_built_function_answers_the_event(name: str, function_named: Callable[[str], BuiltFunction]) -> None:
    function = function_named(INDEX[name]["function"])

    answer = function.answer((EVENTS / name).read_bytes())

    assert outcome(answer) == INDEX[name]["expect"], f"{answer}\n{function.log.read_text()}"


def test_every_event_is_in_the_index() -> None:
    assert {path.name for path in EVENTS.glob("*.json")} == {"index.json", *INDEX}


def test_every_built_function_has_an_event() -> None:
    functions = {path.name for path in BUILD.iterdir() if (path / "app.py").exists()}

    assert {entry["function"] for entry in INDEX.values()} == functions


def test_the_layer_is_small_and_leaves_boto3_to_the_runtime() -> None:
    packages = {path.name for path in LAYER.iterdir()}

    assert {"changestream", "aws_lambda_powertools"} <= packages
    assert packages.isdisjoint({"boto3", "botocore", "s3transfer", "urllib3"})
    assert sum(path.stat().st_size for path in LAYER.rglob("*") if path.is_file()) < LAYER_LIMIT


def outcome(answer: Any) -> str:
    """A function that raises is answered for with an error: neither a success nor a failure that it reported."""
    if "errorType" in answer:
        return "error"
    if "statusCode" in answer:
        return "success" if answer["statusCode"] < 400 else "failure" if answer["statusCode"] < 500 else "error"
    return "failure" if answer.get("batchItemFailures") else "success"
