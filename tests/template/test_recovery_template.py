"""recovery/template.yaml is current, and has all that it refers to and nothing of this application's own domain."""

import re
from typing import Any

import pytest

from architecture.sources import ROOT
from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.rounds import LONGEST_PAUSE_SECONDS, PAUSE_SECONDS
from changestream.recovery.consumers import Consumers
from changestream.recovery.settings import LONGEST_TIME_OUT_SECONDS
from mapping_lint.lint import lint
from mapping_lint.template import FUNCTION, QUEUE, Template
from recovery_template.derivation import derived
from recovery_template.errors import NotDerivable
from sam_templates.document import read
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver
from template.application import application, statements_of

APPLICATION = (ROOT / "template.yaml").read_text()
RECOVERY = ROOT / "recovery" / "template.yaml"
FUNCTIONS = ("RecoverBatches", "RedriveParked")
OF_APPLICATION = re.compile(r"[Tt]ask|[Ll]icence|[Ll]edger|[Rr]eplica|[Aa]rchive|[Mm]easure|ChangeStream|OpenSearch")


def recovery() -> Template:
    return Template.load(RECOVERY)


def test_it_is_what_the_command_writes() -> None:
    assert derived(APPLICATION) == RECOVERY.read_text(), "run: make recovery"


def test_it_holds_nothing_of_the_application() -> None:
    assert "CodeUri: ../functions/recover_batches/" in RECOVERY.read_text()
    assert [line for line in RECOVERY.read_text().splitlines() if OF_APPLICATION.search(line)] == []


def test_both_functions_are_those_of_the_application_but_for_what_they_are_told() -> None:
    ours, theirs = (dict(template.properties(FUNCTION)) for template in (recovery(), application()))
    told = {"Environment", "Events", "Layers", "Timeout"}
    for name in (f"{each}Function" for each in FUNCTIONS):
        own = {key: value for key, value in ours[name].items() if key not in told | {"Description"}}

        assert own == {key: value for key, value in theirs[name].items() if key not in told | {"Description"}}
        assert ours[name]["Environment"]["Variables"].keys() >= theirs[name]["Environment"]["Variables"].keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_has_the_statements_of_the_applications_role(function: str) -> None:
    ours, theirs = (allowed(template, f"{function}Role") for template in (recovery(), application()))

    assert ours == theirs | {"ReadEncryptedSources"}


def allowed(template: Template, role: str) -> set[str]:
    statements = [each for each in statements_of(template, role) if "Sid" in each]
    branches = [each["Fn::If"][1] for each in statements_of(template, role) if "Fn::If" in each]
    return {each["Sid"] for each in [*statements, *branches]}


def test_the_longest_time_outs_of_others_fit_into_its_own() -> None:
    functions, longest = dict(recovery().properties(FUNCTION)), parameter("ConsumerSeconds")["MaxValue"]
    time_outs = [functions[f"{name}Function"]["Timeout"] for name in FUNCTIONS]

    assert longest == LONGEST_TIME_OUT_SECONDS
    assert min(time_outs) >= Consumers((), longest).seconds + ANSWER_SECONDS
    assert dict(recovery().properties(QUEUE))["FailedBatchesQueue"]["VisibilityTimeout"] >= 6 * time_outs[0]


def test_messages_do_not_end_as_dead_letters_before_their_records_are_parked() -> None:
    waited, receipts = 0.0, 1
    while waited < parameter("ParkAfterSeconds")["MaxValue"]:
        waited += min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** (receipts - 1)) / 2
        receipts += 1

    assert dict(recovery().properties(QUEUE))["FailedBatchesQueue"]["RedrivePolicy"]["maxReceiveCount"] >= 2 * receipts


def test_an_existing_queue_is_read_watched_and_written() -> None:
    queue = "arn:aws:sqs:eu-west-1:123456789012:orders-failed"
    resolver = Resolver(
        expanded(read(RECOVERY)),
        {
            "FunctionArns": ",".join(f"arn:aws:lambda:eu-west-1:123456789012:function:{name}" for name in "ab"),
            "StreamArns": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
            "FailedBatchesQueueArn": queue,
            "FailedBatchesBucketName": "orders-failed",
            "SourceKeyArns": "arn:aws:kms:eu-west-1:123456789012:key/1",
        },
    )
    resources = {
        name: resolver.resolve(resolver.resource(name)) for name in ("RecoverBatchesFunction", "RecoverBatchesPolicy")
    }
    function = resources["RecoverBatchesFunction"]["Properties"]
    statements = {
        each["Sid"]: each for each in resources["RecoverBatchesPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    }

    assert not resolver.includes("FailedBatchesQueue")
    assert function["Events"]["FailedBatches"]["Properties"]["Queue"] == queue
    variables = function["Environment"]["Variables"]
    assert variables["FAILED_BATCHES_QUEUE_URL"] == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-failed"
    assert variables["FAILED_BATCHES_BUCKET"] == "orders-failed"
    assert statements["ReceiveFailedBatches"]["Resource"] == queue
    assert [arn.rpartition("function:")[2] for arn in statements["RedeliverToConsumers"]["Resource"]] == [
        "a",
        "b",
        "a:*",
        "b:*",
    ]
    assert statements["ReadFailedBatches"]["Resource"] == "arn:aws:s3:::orders-failed/*"
    assert "ReadEncryptedSources" in statements
    alarm = resolver.resolve(resolver.resource("FailedBatchesWaitAlarm"))["Properties"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "orders-failed"}]


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        (
            "FunctionArns",
            ["arn:aws:lambda:eu-west-1:123456789012:function:orders-*", "arn:aws:lambda:*:*:function:a:live"],
            ["*", "orders", "arn:aws:lambda:eu-west-1:123456789012:*", "arn:aws:sqs:eu-west-1:123456789012:orders"],
        ),
        (
            "StreamArns",
            [
                "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*",
                "arn:aws:kinesis:*:123456789012:stream/o-?",
                "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
            ],
            [
                "*",
                "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
                "arn:aws:kinesis:eu-west-1:123456789012:stream/a/consumer/b:1",
            ],
        ),
        (
            "SourceKeyArns",
            ["", "arn:aws:kms:eu-west-1:123456789012:key/1"],
            ["arn:aws:kms:eu-west-1:123456789012:alias/orders"],
        ),
    ],
)
def test_an_arn_that_could_not_work_is_refused_before_anything_is_deployed(
    name: str, accepted: list[str], refused: list[str]
) -> None:
    pattern = re.compile(parameter(name)["AllowedPattern"])

    assert [arn for arn in accepted if not pattern.fullmatch(arn)] == []
    assert [arn for arn in refused if pattern.fullmatch(arn)] == []


def parameter(name: str) -> Any:
    return read(RECOVERY)["Parameters"][name]


def test_the_linter_finds_nothing() -> None:
    assert lint(recovery()) == []


@pytest.mark.parametrize(
    ("former", "new", "complaint"),
    [
        ("  NearTrimAlarm:", "  NearlyTrimmedAlarm:", "0 blocks NearTrimAlarm"),
        ("      Timeout: 300\n", "", "RecoverBatchesFunction has 0 keys Timeout"),
        ("!GetAtt ChangeStream.Arn, !GetAtt LedgerStream.Arn", "!GetAtt Other.Arn", "RecoverBatchesPolicy has no"),
        ('"Brought back"', '"Back again"', '0 graphs "Brought back"'),
    ],
)
def test_a_declaration_that_no_longer_fits_is_named(former: str, new: str, complaint: str) -> None:
    assert former in APPLICATION

    with pytest.raises(NotDerivable, match=re.escape(complaint)):
        derived(APPLICATION.replace(former, new))
