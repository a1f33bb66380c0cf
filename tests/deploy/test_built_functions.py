"""Each file of events/ is answered by the built function that it is for."""

from collections.abc import Callable
from typing import Any

import pytest

from architecture.sources import ROOT
from consumers.events import INDEX, SampleEvent, sample_events
from deploy.built_function import LAYER, BuiltFunction
from deploy.processes import BUILD

SAMPLES = sample_events(ROOT)
LAYER_LIMIT = 15 * 1024 * 1024


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path.stem)
def test_a_built_function_answers_the_event(
    sample: SampleEvent, function_named: Callable[[str], BuiltFunction]
) -> None:
    function = function_named(sample.function)

    answer = function.answer(sample.path.read_bytes())

    assert outcome(answer) == sample.expect, f"{answer}\n{function.log.read_text()}"


def test_every_event_is_for_a_function() -> None:
    assert set((ROOT / "events").glob("*.json")) == {ROOT / "events" / INDEX, *(sample.path for sample in SAMPLES)}


def test_every_built_function_has_an_event() -> None:
    functions = {path.name for path in BUILD.iterdir() if (path / "app.py").exists()}

    assert {sample.function for sample in SAMPLES} == functions


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
