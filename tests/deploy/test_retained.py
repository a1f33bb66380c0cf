"""Tables, buckets and queues that a deleted stack left behind come back in a new one, on an emulator that is not ours.

It deletes the stack that the other tests share, so it runs after them. The emulator makes no Kinesis destination for a
table, so there is none to disable first. It makes names out of the stack's, and would replace what is imported into a
stack of another name.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from architecture.sources import ROOT
from deploy.conftest import STACK, ClientAt, deploy
from deploy.processes import CFN_LINT, eventually
from importing.retained import retained
from template.application import application

LIMIT = 60
TASK = {"listId": {"S": "kept"}, "taskId": {"S": "task-1"}, "status": {"S": "open"}}


@pytest.fixture(scope="module")
def left(deployed: dict[str, str], client_at_emulator: ClientAt) -> dict[str, str]:
    """What a deleted stack retains: physical names by logical id."""
    stacks, written = client_at_emulator("cloudformation"), application().written
    client_at_emulator("dynamodb").put_item(TableName=deployed["TasksTableName"], Item=TASK)
    found = {
        name: stacks.describe_stack_resource(StackName=STACK, LogicalResourceId=name)["StackResourceDetail"]
        for name in retained(written)
    }
    stacks.delete_stack(StackName=STACK)
    stacks.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": LIMIT})
    return {name: each["PhysicalResourceId"] for name, each in found.items()}


@pytest.fixture(scope="module")
def documents(left: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What docs/deploying.md has an engineer write: the template of the import, and the resources."""
    folder = tmp_path_factory.mktemp("import")
    named = [f"{name}={physical}" for name, physical in left.items()]
    subprocess.run([sys.executable, "-m", "importing", folder, *named], cwd=ROOT, check=True)
    return folder


def test_the_template_of_an_import_is_valid(documents: Path) -> None:
    done = subprocess.run(
        [CFN_LINT, "--regions", "eu-west-1", "--", documents / "template.json"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_what_was_retained_is_imported_and_deployed_over(
    left: dict[str, str], documents: Path, emulator: str, client_at_emulator: ClientAt, tmp_path: Path
) -> None:
    stacks, dynamodb = client_at_emulator("cloudformation"), client_at_emulator("dynamodb")

    stacks.create_change_set(
        StackName=STACK,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        ResourcesToImport=json.loads((documents / "resources.json").read_text()),
        TemplateBody=(documents / "template.json").read_text(),
    )
    stacks.get_waiter("change_set_create_complete").wait(
        StackName=STACK, ChangeSetName="import", WaiterConfig={"Delay": 1, "MaxAttempts": LIMIT}
    )
    stacks.execute_change_set(StackName=STACK, ChangeSetName="import")
    eventually(lambda: status(stacks) == "IMPORT_COMPLETE", LIMIT, "the import")
    outputs = deploy(emulator, STACK, tmp_path)

    assert outputs["TasksTableName"] == left["TasksTable"]
    assert physical_ids(stacks, left) == left
    key = {name: TASK[name] for name in ("listId", "taskId")}
    assert dynamodb.get_item(TableName=outputs["TasksTableName"], Key=key)["Item"] == TASK


def status(stacks: Any) -> str:
    return str(stacks.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


def physical_ids(stacks: Any, names: dict[str, str]) -> dict[str, str]:
    found = stacks.describe_stack_resources(StackName=STACK)["StackResources"]
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found if each["LogicalResourceId"] in names
    }
