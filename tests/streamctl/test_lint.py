"""``streamctl lint`` says what the rules find, and how to be excused."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import ROOT
from mapping_lint.lint import RULES
from streamctl.exits import Exit

from .world import streamctl

UNBOUNDED = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {
        "EventSourceArn": "arn:…",
        "StartingPosition": "LATEST",
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": "arn:…"}},
    },
}
EXCUSED = {"mapping-lint": {"attempts-are-bounded": "the order of all records matters"}}


def template(folder: Path, resource: Mapping[str, object]) -> str:
    path = folder / "template.json"
    path.write_text(json.dumps({"Resources": {"Mapping": resource}}))
    return str(path)


def test_the_applications_template_has_nothing_to_be_found() -> None:
    said = streamctl("lint", str(ROOT / "template.yaml"))

    assert said.code == Exit.FINE
    assert f"0 findings by {len(RULES)} rules" in said.err + said.out


def test_a_finding_has_its_resource_rule_reason_and_page(tmp_path: Path) -> None:
    said = streamctl("lint", template(tmp_path, UNBOUNDED))

    assert said.code == Exit.ATTENTION
    assert "Mapping retries a failing batch until its records expire" in said.out
    assert "attempts-are-bounded: one poison record stops its shard" in said.out
    assert "https://docs.aws.amazon.com/" in said.out


def test_what_is_excused_is_told_and_does_not_count(tmp_path: Path) -> None:
    said = streamctl("lint", template(tmp_path, UNBOUNDED | {"Metadata": EXCUSED}), "--json")

    assert said.code == Exit.FINE
    assert [(each["rule"], each["excused"]) for each in said.document["findings"]] == [
        ("attempts-are-bounded", "the order of all records matters")
    ]


@pytest.mark.parametrize("text", ["", "Resources: ["])
def test_what_is_no_template_is_a_wrong_use(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)

    said = streamctl("lint", str(path))

    assert said.code == Exit.USAGE
    assert "is no template that can be read" in said.err


def test_the_page_has_every_rule_with_what_goes_wrong() -> None:
    page = (ROOT / "docs" / "streamctl.md").read_text()

    missing = [rule.name for rule in RULES if f"| `{rule.name}` | {rule.why} |" not in page]

    assert missing == []
