"""Pausing a consumer, and resuming it."""

import pytest

from streamctl.exits import Exit

from .new_consumers import NewConsumers
from .world import Deployed


@pytest.fixture
def consumer(deployed: Deployed, consumers: NewConsumers) -> str:
    """A function that ChangeStream is mapped to, enabled."""
    name, _ = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")
    consumers.map(name, deployed.outputs["ChangeStreamArn"])
    return name


def state(deployed: Deployed, function: str) -> str:
    (row,) = deployed.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return str(row["State"])


def test_a_dry_run_says_what_pausing_means_and_changes_nothing(deployed: Deployed, consumer: str) -> None:
    said = deployed.streamctl("pause", consumer, "--json")

    (told,) = said.document["mappings"]
    assert said.code == Exit.FINE
    assert (told["state"], told["retentionHours"]) == ("Enabled", 48)
    assert state(deployed, consumer) == "Enabled"


def test_a_person_is_told_how_long_the_records_are_kept(deployed: Deployed, consumer: str) -> None:
    said = deployed.streamctl("pause", consumer)

    assert "reads changes: Enabled, would be Disabled" in said.out
    assert "The stream deletes a record 2 d after it was written." in said.out
    assert "dry run" in said.err


def test_a_paused_consumer_is_disabled_when_the_command_ends_and_enabled_when_it_is_resumed(
    deployed: Deployed, consumer: str
) -> None:
    paused = deployed.streamctl("pause", consumer, "--apply", "--json")
    disabled = state(deployed, consumer)
    again = deployed.streamctl("pause", consumer, "--apply", "--json")
    attention = deployed.streamctl("status", "--json").document["attention"]
    resumed = deployed.streamctl("resume", consumer, "--apply", "--json")

    assert (paused.code, disabled) == (Exit.FINE, "Disabled")
    assert [each["state"] for each in paused.document["mappings"]] == ["Disabled"]
    assert again.document["mappings"][0]["disabledSince"]
    assert any(f"{consumer} (changes) is Disabled since" in each for each in attention)
    assert [each["state"] for each in resumed.document["mappings"]] == ["Enabled"]
    assert state(deployed, consumer) == "Enabled"


@pytest.mark.parametrize("name", ["CountTasks", "CountTasksFunction", "count_tasks"])
def test_a_function_goes_by_any_of_its_names(deployed: Deployed, name: str) -> None:
    said = deployed.streamctl("resume", name, "--json")

    assert said.document["function"] == "CountTasks"
    assert 23 < said.document["mappings"][0]["hoursLeft"] <= 24


def test_an_unknown_function_is_a_usage_error_that_lists_the_others(deployed: Deployed) -> None:
    said = deployed.streamctl("pause", "CountTask")

    assert said.code == Exit.USAGE
    assert "count_tasks" in said.err
    assert "archive_tasks" in said.err


def test_pausing_recovery_says_how_long_its_queue_keeps_messages(deployed: Deployed) -> None:
    said = deployed.streamctl("pause", "recover_batches")

    assert "The queue deletes a record 14 d after" in said.out
