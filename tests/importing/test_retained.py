"""The template with which retained resources are imported into a new stack."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from importing.retained import NotImported, import_template, resources_to_import, retained
from mapping_lint.references import mentions
from mapping_lint.template import BUCKET, QUEUE, TABLE
from template.application import ROOT, application

WRITTEN = application().written
NAMES = {
    name: f"https://sqs.eu-west-1.amazonaws.com/1/{name}" if name.endswith("Queue") else f"old-{name.lower()}"
    for name in retained(WRITTEN)
}


def test_all_that_a_deleted_stack_leaves_can_be_imported() -> None:
    imported = import_template(WRITTEN, NAMES)["Resources"]

    stays = {name for name, each in WRITTEN["Resources"].items() if each.get("DeletionPolicy", "Delete") != "Delete"}
    assert imported.keys() == stays
    assert {each["Type"] for each in imported.values()} == {TABLE, BUCKET, QUEUE}
    assert {each["DeletionPolicy"] for each in imported.values()} == {"RetainExceptOnCreate"}


def test_an_import_makes_no_other_resource_and_changes_no_property() -> None:
    template = import_template(WRITTEN, NAMES)

    left_out = set()
    for name, resource in template["Resources"].items():
        properties = WRITTEN["Resources"][name]["Properties"]
        left_out |= {(name, each) for each in properties.keys() - resource["Properties"].keys()}
        assert all(properties[each] == value for each, value in resource["Properties"].items())
    assert left_out == {
        ("TasksTable", "KinesisStreamSpecification"),
        ("FailedBatchesBucket", "NotificationConfiguration"),
    }
    assert "Transform" not in template
    assert "Outputs" not in template


def test_an_import_template_refers_only_to_what_it_has() -> None:
    template = import_template(WRITTEN, NAMES)

    known = template["Parameters"].keys() | template["Resources"].keys() | {"AWS::NoValue"}
    assert set(mentions(template)) <= known
    assert set(mentions(template)) & template["Parameters"].keys() == template["Parameters"].keys()


def test_a_part_of_them_can_be_imported() -> None:
    template = import_template(WRITTEN, {"TasksTable": "old"})

    assert template["Resources"].keys() == {"TasksTable"}
    assert template["Parameters"].keys() == {"EncryptionKeyArn"}


@pytest.mark.parametrize("name", ["TaskCountsTable", "Nothing"])
def test_a_resource_that_goes_with_its_stack_is_not_imported(name: str) -> None:
    with pytest.raises(NotImported, match=f"{name} is not retained"):
        resources_to_import(WRITTEN, {name: "old"})


def test_the_command_writes_both_documents(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "importing", str(tmp_path / "import"), "TasksTable=old-table"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    template, resources = (
        json.loads((tmp_path / "import" / f"{name}.json").read_text()) for name in ("template", "resources")
    )
    assert template == import_template(WRITTEN, {"TasksTable": "old-table"})
    assert resources == [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "TasksTable",
            "ResourceIdentifier": {"TableName": "old-table"},
        }
    ]
    assert "TaskHistoryTable" in done.stdout
