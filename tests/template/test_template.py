"""What template.yaml says of this system, beyond what any template must keep."""

import re
from pathlib import Path

import pytest

from event_source_mapping.tumbling import STATE_LIMIT
from mapping_lint.references import listed, mentions, target
from mapping_lint.template import BUCKET, CONSUMER, FUNCTION, QUEUE, ROLE, STREAM, TABLE, TOPIC, Json, Template
from template.application import LOG_GROUP, ROOT, application, invocable, reading, statements_of


@pytest.fixture(scope="module")
def template() -> Template:
    return application()


def test_tombstones_outlast_whatever_may_be_delivered_again(template: Template) -> None:
    """A change waits in its stream, in the queue, parked, and as a replaced version that someone may bring back."""
    parameters = template.written["Parameters"]
    (rule,) = template.named("ParkedRecordsBucket")["LifecycleConfiguration"]["Rules"]
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


def test_a_mapping_reads_the_same_stream_in_whichever_way_it_reads(template: Template) -> None:
    """Its settings, chosen for one stream, could not fit another."""
    for mapping in template.stream_mappings():
        chosen = [target(arn) for arn in listed(mapping.properties["EventSourceArn"])]
        pushed = [name for name in chosen if template.type_of(name) == CONSUMER]
        streams = {target(template.named(name)["StreamARN"]) for name in pushed if name} | {*chosen} - {*pushed}
        assert streams == {mapping.source}


def test_the_recoverer_may_invoke_each_function_that_it_has_to_redeliver_to(template: Template) -> None:
    consumers = {mapping.function for mapping in template.stream_mappings()}

    allowed = invocable(template, "RecoverBatchesRole")

    assert {target(arn) for arn in allowed if "Fn::GetAtt" in arn} == consumers
    assert {arn["Fn::Sub"] for arn in allowed if "Fn::Sub" in arn} == {f"${{{name}.Arn}}:live" for name in consumers}


def test_the_recoverer_is_told_of_the_same_functions_as_its_role(template: Template) -> None:
    variables = template.named("RecoverBatchesFunction")["Environment"]["Variables"]

    told = [target(arn) for arn in listed(variables["CONSUMERS"]["Fn::Join"][1])]

    allowed = [target(arn) for arn in invocable(template, "RecoverBatchesRole") if "Fn::GetAtt" in arn]
    assert sorted(map(str, told)) == sorted(map(str, allowed))


def test_a_failed_batch_lies_in_its_bucket_for_longer_than_a_message_leads_to_it(template: Template) -> None:
    (rule,) = template.named("FailedBatchesBucket")["LifecycleConfiguration"]["Rules"]
    (seconds,) = {queue["MessageRetentionPeriod"] for _, queue in template.properties(QUEUE)}

    assert rule["ExpirationInDays"] * 24 * 3600 > seconds


def test_recovery_keeps_out_of_the_way_of_the_two_readers(template: Template) -> None:
    (mapping,) = reading(template, QUEUE)

    assert mapping.properties["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_the_largest_change_fits_an_event_beside_the_state_of_a_window(template: Template) -> None:
    """Lambda: 6 MB an event, in which a record is base64 text."""
    largest = template.named("ChangeStream")["MaxRecordSizeInKiB"] * 1024

    assert largest * 4 / 3 + STATE_LIMIT + ENVELOPE_BYTES <= EVENT_BYTES


EVENT_BYTES = 6_000_000
ENVELOPE_BYTES = 10_000
"""The rest of an event with one record, with room to spare."""


def test_no_environment_points_its_functions_at_an_emulator() -> None:
    settings = (ROOT / "samconfig.toml").read_text()

    assert "EndpointUrl" not in settings


def test_a_key_of_ones_own_encrypts_whatever_is_kept(template: Template) -> None:
    kept = template.of_type(TABLE, STREAM, QUEUE, TOPIC, BUCKET, LOG_GROUP, FUNCTION)

    readable = [name for name, resource in kept if "EncryptionKeyArn" not in mentions(resource["Properties"])]

    assert readable == []


KEPT_UNDER_A_KEY = {"dynamodb", "kinesis", "s3", "sns", "sqs"}


def test_a_role_may_use_a_key_of_ones_own_through_the_services_that_it_calls_and_no_others(template: Template) -> None:
    for name, _ in template.properties(ROLE):
        statements = statements_of(template, name)
        actions = {action for each in statements if each["Sid"] != "UseKey" for action in listed(each["Action"])}
        called = {action.partition(":")[0] for action in actions} & KEPT_UNDER_A_KEY

        keys = [each for each in statements if each["Sid"] == "UseKey"]

        assert {service for each in keys for service in services(each)} == called, name
        assert all(each["Resource"] == {"Ref": "EncryptionKeyArn"} for each in keys)


def services(statement: Json) -> list[str]:
    """Through which services, in this region, a statement lets a key be used."""
    condition = listed(statement["Condition"]["StringEquals"]["kms:ViaService"])
    named = [re.fullmatch(r"(\w+)\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}", each["Fn::Sub"]) for each in condition]
    return [each[1] for each in named if each]
