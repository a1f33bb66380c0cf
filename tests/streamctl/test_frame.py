"""What holds for every command: how it is called, how it ends, what it may do."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest
import typer

from streamctl.calls import WouldWrite
from streamctl.commands import COMMANDS
from streamctl.exits import Exit
from streamctl.group import app
from streamctl.stack import Stack, Target

from .world import Deployed, streamctl

NOBODY = "http://127.0.0.1:9"

Refuse = Callable[..., None]


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return {name: group.loaded(name) for name in COMMANDS}


@pytest.mark.parametrize("name", sorted(commands()))
def test_the_help_of_every_command_has_an_example_that_parses(name: str) -> None:
    command = commands()[name]
    (example,) = re.findall(r"Example: \[bold\](streamctl .*)\[/\]", str(command.epilog))

    words = shlex.split(example)

    assert words[:2] == ["streamctl", name]
    command.make_context(name, words[2:])


@pytest.mark.parametrize("name", sorted(commands()))
def test_the_summary_of_a_command_begins_its_own_help(name: str) -> None:
    assert commands()[name].help.startswith(COMMANDS[name])


WITHOUT_A_STACK = {"cost", "lint"}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_says_what_it_is_for_and_where_it_looks(name: str) -> None:
    said = streamctl(name, "--help")

    assert said.code == Exit.FINE
    place = () if name in WITHOUT_A_STACK else ("--stack", "--region", "--profile", "--local")
    assert all(option in said.out for option in (*place, "--json", "Example"))


def test_a_stack_that_is_not_there_is_named_with_its_place(deployed: Deployed) -> None:
    said = streamctl("status", "--endpoint", deployed.endpoint, "--stack", "another")

    assert said.code == Exit.MISSING
    assert "there is no stack another" in said.err
    assert deployed.endpoint in said.err


def test_a_stack_of_another_template_is_told_from_one_that_is_not_there(deployed: Deployed) -> None:
    name = f"{deployed.name}-other"
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    deployed.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))

    said = streamctl("status", "--json", "--endpoint", deployed.endpoint, "--stack", name)

    assert said.code == Exit.MISSING
    assert f"the stack {name} (CREATE_COMPLETE) has no output" in said.document["queues"]["error"]["message"]


def test_a_missing_permission_is_named_with_its_resource(deployed: Deployed, refuse: Refuse) -> None:
    refuse(service="cloudformation", operation="DescribeStacks", error="AccessDenied", status=403)

    said = deployed.streamctl("status")

    assert said.code == Exit.NOT_PERMITTED
    assert f"not permitted: cloudformation:DescribeStacks on {deployed.name}" in said.err


def test_what_aws_says_of_a_missing_permission_goes_before_what_was_called(deployed: Deployed, refuse: Refuse) -> None:
    message = "User: arn:aws:iam::1:user/me is not authorized to perform: cloudformation:Describe on resource: arn:x"
    refuse(service="cloudformation", error="AccessDenied", status=403, message=message)

    said = deployed.streamctl("status")

    assert "not permitted: cloudformation:Describe on arn:x" in said.err


def test_credentials_that_aws_does_not_take_are_no_missing_permission(deployed: Deployed, refuse: Refuse) -> None:
    refuse(service="cloudformation", error="ExpiredToken", message="The security token has expired", status=403)

    said = deployed.streamctl("status")

    assert said.code == Exit.NOT_PERMITTED
    assert "AWS does not take these credentials: The security token has expired" in said.err


def test_a_service_in_trouble_is_told_from_all_that_a_person_could_mend(deployed: Deployed, refuse: Refuse) -> None:
    refuse(service="cloudformation", error="Throttling", message="Rate exceeded", status=400)

    said = deployed.streamctl("status", "--json")

    assert said.code == Exit.REFUSED
    assert json.loads(said.err)["error"]["kind"] == "refused"
    assert "Rate exceeded" in json.loads(said.err)["error"]["message"]


def test_nobody_at_the_local_endpoint_is_told_with_what_starts_it() -> None:
    said = streamctl("status", "--endpoint", NOBODY)

    assert said.code == Exit.REFUSED
    assert f"nobody listens at {NOBODY}" in said.err
    assert "make local" in said.err


def test_missing_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    nothing = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}

    said = streamctl("status", "--region", "eu-west-1", AWS_EC2_METADATA_DISABLED="true", **nothing)

    assert said.code == Exit.NOT_PERMITTED
    assert "no credentials" in said.err


def test_a_profile_that_nobody_made_is_a_wrong_use() -> None:
    said = streamctl("status", "--profile", "nobody", AWS_CONFIG_FILE="/nowhere")

    assert said.code == Exit.USAGE
    assert "nobody" in said.err


def test_a_command_that_reads_cannot_write(deployed: Deployed) -> None:
    stack = Stack(Target(deployed.name, endpoint=deployed.endpoint))

    with pytest.raises(WouldWrite):
        stack.client("sqs").send_message(QueueUrl=stack.output("FailedBatchesQueueUrl"), MessageBody="a word")


def test_a_command_writes_once_a_person_has_said_so(deployed: Deployed) -> None:
    stack = Stack(Target(deployed.name, endpoint=deployed.endpoint), may_write=True)

    stack.client("sqs").send_message(QueueUrl=stack.output("FailedBatchesDeadLetterQueueUrl"), MessageBody="a word")

    deployed.drain("FailedBatchesDeadLetterQueueUrl")


def test_what_is_piped_has_no_colours(deployed: Deployed) -> None:
    assert "\x1b" not in deployed.streamctl("status").out


def test_completion_knows_commands_and_options() -> None:
    asked = {"_STREAMCTL_COMPLETE": "complete_bash", "COMP_CWORD": "1"}

    assert "status" in streamctl(**asked, COMP_WORDS="streamctl st").out.split()
    assert "--local" in streamctl(**asked | {"COMP_CWORD": "2"}, COMP_WORDS="streamctl status --lo").out.split()
