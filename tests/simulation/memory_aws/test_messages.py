"""Queues and topics in memory take, hide, bring back and forget messages as those of the served endpoint do."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from conftest import ClientOf
from simulation.memory_aws import Answer, Call, MemoryAws, Whims

from .memory_and_served import Json, outcome

ClientsOf = Callable[[str], Any]


@pytest.fixture(params=["memory", "served"])
def client(request: pytest.FixtureRequest, memory: MemoryAws, client_of: ClientOf) -> ClientsOf:
    """Clients of services in memory, and of the served endpoint."""
    return memory.client if request.param == "memory" else client_of


def queue(sqs: Any, **attributes: str) -> str:
    return str(sqs.create_queue(QueueName=f"queue-{uuid4()}", Attributes=attributes)["QueueUrl"])


def arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def received(sqs: Any, url: str, most: int = 10, **more: Any) -> list[Json]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=most,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
        **more,
    )
    return list(answer.get("Messages", []))


def bodies(messages: list[Json]) -> list[str]:
    return sorted(message["Body"] for message in messages)


def test_a_message_is_hidden_while_somebody_has_it_and_comes_back_with_its_count(client: ClientsOf) -> None:
    sqs = client("sqs")
    url = queue(sqs)
    sent = sqs.send_message(QueueUrl=url, MessageBody="one")

    (first,) = received(sqs, url)
    meanwhile = received(sqs, url)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    (second,) = received(sqs, url)

    assert first["MessageId"] == second["MessageId"] == sent["MessageId"]
    assert first["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert meanwhile == []
    assert [each["Attributes"]["ApproximateReceiveCount"] for each in (first, second)] == ["1", "2"]
    assert first["Attributes"]["SentTimestamp"] == second["Attributes"]["SentTimestamp"]


def test_a_message_goes_by_its_last_receipt(client: ClientsOf) -> None:
    sqs = client("sqs")
    url = queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="one")
    (first,) = received(sqs, url, VisibilityTimeout=0)
    (second,) = received(sqs, url)

    answer = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "0", "ReceiptHandle": second["ReceiptHandle"]}])

    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert first["ReceiptHandle"] != second["ReceiptHandle"]
    assert [each["Id"] for each in answer["Successful"]] == ["0"]
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_delayed_message_is_not_there_yet(client: ClientsOf) -> None:
    sqs = client("sqs")
    url = queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)

    found = received(sqs, url)

    assert found == []
    assert outcome(sqs, ("send_message", {"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 901}))["error"]


def test_what_is_received_too_often_goes_to_the_dead_letters(client: ClientsOf) -> None:
    sqs = client("sqs")
    dead = queue(sqs)
    policy = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 1})
    url = queue(sqs, RedrivePolicy=policy)
    sqs.send_message(QueueUrl=url, MessageBody="bad")

    counts = [len(received(sqs, url, VisibilityTimeout=0)) for _ in range(2)]

    assert counts == [1, 0]
    assert bodies(received(sqs, dead)) == ["bad"]


def test_visibility_of_messages_that_are_gone_is_refused_entry_by_entry(client: ClientsOf) -> None:
    sqs = client("sqs")
    url = queue(sqs)
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    handles = [message["ReceiptHandle"] for message in received(sqs, url)]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handles[0])

    entries = [
        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 20} for number, handle in enumerate(handles)
    ]
    answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)

    assert [each["Id"] for each in answer["Successful"]] == ["1"]
    assert [(each["Id"], bool(each["Code"])) for each in answer["Failed"]] == [("0", True)]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("send_message", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/none", "MessageBody": "x"}),
        ("get_queue_url", {"QueueName": "none"}),
    ],
)
def test_a_queue_that_is_not_there_is_refused(client: ClientsOf, operation: str, parameters: Json) -> None:
    refused = outcome(client("sqs"), (operation, parameters))

    assert refused["error"] in ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def test_a_notification_reaches_queues_as_it_is_or_in_an_envelope(client: ClientsOf) -> None:
    sqs, sns = client("sqs"), client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid4()}")["TopicArn"]
    raw, wrapped = queue(sqs), queue(sqs)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn(sqs, raw), Attributes={"RawMessageDelivery": "true"})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn(sqs, wrapped))

    attributes = {"kind": {"DataType": "String", "StringValue": "done"}}
    sns.publish(TopicArn=topic, Message="told", MessageAttributes=attributes)

    (plain,) = received(sqs, raw)
    (envelope,) = received(sqs, wrapped)
    document = json.loads(envelope["Body"])
    assert plain["Body"] == "told"
    assert plain["MessageAttributes"]["kind"]["StringValue"] == "done"
    assert (document["Type"], document["TopicArn"], document["Message"]) == ("Notification", topic, "told")


def test_a_topic_that_is_not_there_is_refused(client: ClientsOf) -> None:
    absent = f"arn:aws:sns:eu-west-1:123456789012:absent-{uuid4()}"

    refused = outcome(client("sns"), ("publish", {"TopicArn": absent, "Message": "told"}))

    assert refused["error"].startswith("NotFound")


def test_a_queue_may_deliver_a_message_twice() -> None:
    class Twice:
        def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
            call.whims = Whims(duplicated=call.operation == "receive_message")
            return carry_out()

    sqs = MemoryAws(lambda: 1_767_225_600.0, Twice()).client("sqs")
    url = queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="one")

    deliveries = [received(sqs, url), received(sqs, url)]

    assert [bodies(messages) for messages in deliveries] == [["one"], ["one"]]


def test_a_message_that_nobody_deletes_is_lost_in_the_end() -> None:
    moment = [1_767_225_600.0]
    memory = MemoryAws(lambda: moment[0])
    sqs = memory.client("sqs")
    url = queue(sqs, MessageRetentionPeriod="1209600")
    sqs.send_message(QueueUrl=url, MessageBody="old")

    moment[0] += 1_209_601

    assert received(sqs, url) == []
    assert [message.body for message in memory.sqs().queue(url).expired] == ["old"]
