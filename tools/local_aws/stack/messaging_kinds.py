"""Queues, subscriptions and policies of a stack; the topics themselves are moto's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .resources import Properties, Removal, Resource, ResourceKind


class MessagingKinds:
    """Makes what carries messages; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::SNS::Subscription": ResourceKind(self.subscription),
            "AWS::SNS::TopicPolicy": ResourceKind(self.topic_policy),
            "AWS::SQS::Queue": ResourceKind(self.queue, self.update_queue),
            "AWS::SQS::QueuePolicy": ResourceKind(self.queue_policy),
        }

    def subscription(self, name: str, properties: Properties) -> Resource:
        del name
        sns, request = self._client_of("sns"), dict(properties)
        attributes = {
            key: request.pop(key) if isinstance(request[key], str) else json.dumps(request.pop(key))
            for key in ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy")
            if key in request
        }
        request.pop("Region", None)
        arn = sns.subscribe(**request, Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return Resource(arn, {"Arn": arn}, Removal("sns", "unsubscribe", {"SubscriptionArn": arn}))

    def topic_policy(self, name: str, properties: Properties) -> Resource:
        for arn in properties["Topics"]:
            self._client_of("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(properties["PolicyDocument"])
            )
        return Resource(name)

    def queue(self, name: str, properties: Properties) -> Resource:
        # moto's own would answer Ref with an address on the internet.
        sqs, fifo = self._client_of("sqs"), str(properties.get("FifoQueue", "")).lower() == "true"
        name = properties.get("QueueName", f"{name}.fifo" if fifo else name)
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
        url = sqs.create_queue(QueueName=name, Attributes=_queue_attributes(properties), tags=tags)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"Arn": arn, "QueueName": name, "QueueUrl": url}
        return Resource(url, attributes, Removal("sqs", "delete_queue", {"QueueUrl": url}))

    def update_queue(self, resource: Resource, properties: Properties) -> Resource:
        attributes = _queue_attributes(properties)
        attributes.pop("FifoQueue", None)
        if attributes:
            self._client_of("sqs").set_queue_attributes(QueueUrl=resource.physical_resource_id, Attributes=attributes)
        return resource

    def queue_policy(self, name: str, properties: Properties) -> Resource:
        for url in properties["Queues"]:
            self._client_of("sqs").set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": json.dumps(properties["PolicyDocument"])}
            )
        return Resource(name)


def _queue_attributes(properties: Properties) -> dict[str, str]:
    """The attributes of the API, all of them text."""
    attributes = {}
    for name, value in properties.items():
        if name in ("QueueName", "Tags"):
            continue
        if isinstance(value, dict | list):
            attributes[name] = json.dumps(value)
        else:
            attributes[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return attributes
