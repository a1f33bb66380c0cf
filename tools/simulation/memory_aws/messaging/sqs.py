"""SQS of one region, standard queues only.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from simulation.memory_aws.client import Operation
from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.messaging.queue import MESSAGE_BYTES, Queue, QueuedMessage, digest, receipt_of

MOST_ENTRIES = 10
LONGEST_VISIBILITY = 43_200


class Sqs:
    """``queues`` holds what whoever sets the stage may look into, by name."""

    reentrant = False

    def __init__(self, account: str, region: str, now: Callable[[], float]) -> None:
        self._arn_prefix = f"arn:aws:sqs:{region}:{account}:"
        self._url_prefix = f"https://sqs.{region}.amazonaws.com/{account}/"
        self._now = now
        self._sent = 0
        self.queues: dict[str, Queue] = {}
        self.operations: dict[str, Operation] = {
            "create_queue": self._create_queue,
            "get_queue_url": self._get_queue_url,
            "get_queue_attributes": self._get_queue_attributes,
            "send_message": self._send_message,
            "receive_message": self._receive_message,
            "delete_message": self._delete_message,
            "delete_message_batch": self._delete_message_batch,
            "change_message_visibility": self._change_message_visibility,
            "change_message_visibility_batch": self._change_message_visibility_batch,
        }

    def queue(self, name: str) -> Queue:
        """Return a queue by name, URL or ARN. Raises ``Refusal``."""
        found = self.queues.get(name.rpartition("/")[2].rpartition(":")[2])
        if found is None:
            raise Refusal("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        return found

    def send(
        self, name: str, body: str, delay: float | None = None, attributes: Mapping[str, Any] | None = None
    ) -> str:
        """Put a message on a queue, as other services do; return its id."""
        queue, now = self.queue(name), self._now()
        self._sent += 1
        message_id = f"00000000-0000-4000-8000-{self._sent:012d}"
        hidden = queue.delay if delay is None else delay
        queue.add(QueuedMessage(message_id, body, dict(attributes or {}), now, now + hidden))
        return message_id

    def _create_queue(self, call: Call) -> Answer:
        name, attributes = call.parameters["QueueName"], call.parameters.get("Attributes", {})
        queue = Queue(name, self._arn_prefix + name, self._url_prefix + name, self._now)
        queue.visibility_timeout = float(attributes.get("VisibilityTimeout", queue.visibility_timeout))
        queue.delay = float(attributes.get("DelaySeconds", queue.delay))
        queue.retention = float(attributes.get("MessageRetentionPeriod", queue.retention))
        policy = json.loads(attributes.get("RedrivePolicy", "{}"))
        if policy:
            queue.dead_letters = self.queue(policy["deadLetterTargetArn"])
            queue.most_receives = int(policy["maxReceiveCount"])
        self.queues.setdefault(name, queue)
        return {"QueueUrl": queue.url}

    def _get_queue_url(self, call: Call) -> Answer:
        return {"QueueUrl": self.queue(call.parameters["QueueName"]).url}

    def _get_queue_attributes(self, call: Call) -> Answer:
        queue, now = self.queue(call.parameters["QueueUrl"]), self._now()
        messages = queue.messages.values()
        delayed = sum(message.visible_at > now and not message.receives for message in messages)
        hidden = sum(message.visible_at > now for message in messages) - delayed
        known = {
            "QueueArn": queue.arn,
            "ApproximateNumberOfMessages": str(len(messages) - hidden - delayed),
            "ApproximateNumberOfMessagesNotVisible": str(hidden),
            "ApproximateNumberOfMessagesDelayed": str(delayed),
            "VisibilityTimeout": str(int(queue.visibility_timeout)),
        }
        wanted = call.parameters.get("AttributeNames", [])
        return {"Attributes": {name: value for name, value in known.items() if name in wanted or "All" in wanted}}

    def _send_message(self, call: Call) -> Answer:
        parameters = call.parameters
        queue, body = self.queue(parameters["QueueUrl"]), parameters["MessageBody"]
        if not body:
            raise Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
        if len(body.encode()) > MESSAGE_BYTES:
            raise Refusal("InvalidParameterValue", f"Message must be shorter than {MESSAGE_BYTES} bytes.")
        delay = parameters.get("DelaySeconds")
        if delay is not None and not 0 <= delay <= 900:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
            )
        message_id = self.send(queue.name, body, delay, parameters.get("MessageAttributes"))
        return {"MessageId": message_id, "MD5OfMessageBody": digest(body)}

    def _receive_message(self, call: Call) -> Answer:
        """Answer at once, whatever ``WaitTimeSeconds`` says: to wait is for whoever has the time."""
        parameters = call.parameters
        most = parameters.get("MaxNumberOfMessages", 1)
        if not 1 <= most <= MOST_ENTRIES:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if "
                "provided.",
            )
        queue = self.queue(parameters["QueueUrl"])
        received = queue.receive(most, parameters.get("VisibilityTimeout"), duplicated=call.whims.duplicated)
        if not received:
            return {}
        wanted = {*parameters.get("AttributeNames", ()), *parameters.get("MessageSystemAttributeNames", ())}
        return {"Messages": [_described(message, wanted) for message in received]}

    def _delete_message(self, call: Call) -> Answer:
        self.queue(call.parameters["QueueUrl"]).delete(call.parameters["ReceiptHandle"])
        return {}

    def _delete_message_batch(self, call: Call) -> Answer:
        queue = self.queue(call.parameters["QueueUrl"])
        return _each(call, lambda entry: queue.delete(entry["ReceiptHandle"]))

    def _change_message_visibility(self, call: Call) -> Answer:
        _hide(self.queue(call.parameters["QueueUrl"]), call.parameters)
        return {}

    def _change_message_visibility_batch(self, call: Call) -> Answer:
        queue = self.queue(call.parameters["QueueUrl"])
        return _each(call, lambda entry: _hide(queue, entry))


def _hide(queue: Queue, entry: Mapping[str, Any]) -> None:
    seconds = entry.get("VisibilityTimeout", 0)
    if not 0 <= seconds <= LONGEST_VISIBILITY:
        raise Refusal("InvalidParameterValue", f"Value {seconds} for parameter VisibilityTimeout is invalid.")
    queue.hide(entry["ReceiptHandle"], seconds)


def _each(call: Call, carry_out: Callable[[Mapping[str, Any]], None]) -> Answer:
    """Carry a batch out entry by entry; ``unprocessed`` ones, from its end, fail."""
    entries = call.parameters["Entries"]
    if not entries:
        raise Refusal("AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > MOST_ENTRIES:
        raise Refusal(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10."
        )
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise Refusal("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.")
    answer: Answer = {"Successful": [], "Failed": []}
    done = len(entries) - call.whims.unprocessed
    for number, entry in enumerate(entries):
        try:
            if number >= done:
                raise Refusal("InternalError", "The entry was not carried out.")
            carry_out(entry)
        except Refusal as refusal:
            sender = refusal.code != "InternalError"
            failure = {"Id": entry["Id"], "SenderFault": sender, "Code": refusal.code, "Message": refusal.message}
            answer["Failed"].append(failure)
        else:
            answer["Successful"].append({"Id": entry["Id"]})
    return {kind: each for kind, each in answer.items() if each}


def _described(message: QueuedMessage, wanted: set[str]) -> dict[str, Any]:
    first = message.first_received_at or message.sent_at
    known = {
        "SenderId": "AIDAEXAMPLE",
        "ApproximateFirstReceiveTimestamp": str(int(first * 1000)),
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(int(message.sent_at * 1000)),
    }
    described: dict[str, Any] = {
        "MessageId": message.message_id,
        "ReceiptHandle": receipt_of(message),
        "MD5OfBody": digest(message.body),
        "Body": message.body,
    }
    chosen = {name: value for name, value in known.items() if name in wanted or "All" in wanted}
    described |= {"Attributes": chosen} if chosen else {}
    return described | ({"MessageAttributes": message.attributes} if message.attributes else {})
