"""What template.yaml says of this system, beyond what any template must keep."""

from pathlib import Path

import pytest

from template.template import BUCKET, FUNCTION, QUEUE, ROOT, Template, listed, target


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.load()


def test_tombstones_outlast_whatever_may_be_delivered_again(template: Template) -> None:
    """A change waits in its stream, in the queue, parked, and as a replaced version that someone may bring back."""
    parameters = template.written["Parameters"]
    (bucket,) = (bucket for _, bucket in template.properties(BUCKET))
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    replaced_days = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    table_stream_days, queue_days = 1, 14

    longest_wait = table_stream_days + queue_days + parameters["ParkedRecordDays"]["MaxValue"] + replaced_days

    assert parameters["TombstoneDays"]["MinValue"] >= longest_wait
    assert parameters["TombstoneDays"]["Default"] > parameters["ParkedRecordDays"]["Default"]


def test_every_function_stands_in_its_folder_under_its_name(template: Template) -> None:
    functions = dict(template.properties(FUNCTION))

    for logical_id, function in functions.items():
        name = function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        folder = Path(template.written["Resources"][logical_id]["Properties"]["CodeUri"])
        assert folder == Path("functions") / name
        assert (ROOT / folder / "app.py").is_file()
        assert logical_id == "".join(word.title() for word in name.split("_")) + "Function"


def test_every_function_folder_is_deployed(template: Template) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}

    deployed = {
        function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for _, function in template.properties(FUNCTION)
    }

    assert deployed == folders


def test_the_recoverer_may_invoke_each_function_that_it_has_to_redeliver_to(template: Template) -> None:
    consumers = {target(properties["FunctionName"]) for _, properties, _ in template.stream_mappings()}

    allowed = {
        target(arn)
        for policy in template.named("RecoverBatchesRole")["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] == "RedeliverToConsumers"
        for arn in listed(statement["Resource"])
    }

    assert allowed == consumers


def test_recovery_keeps_out_of_the_way_of_the_two_readers(template: Template) -> None:
    (_, mapping, _) = next(template.mappings(QUEUE))

    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_no_environment_points_its_functions_at_an_emulator() -> None:
    settings = (ROOT / "samconfig.toml").read_text()

    assert "EndpointUrl" not in settings
