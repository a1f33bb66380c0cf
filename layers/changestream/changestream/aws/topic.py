"""A topic that notifications go to."""

import json
from collections.abc import Mapping
from typing import Any

from changestream.aws.refusals import refusals_translated


class Topic:
    """Publishes JSON documents with attributes that subscriptions filter by."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, document: Mapping[str, object], attributes: Mapping[str, str]) -> None:
        """Publish a document.

        Raises ``Unprocessable`` or ``TransientError``; after the latter it may be out all the same.
        """
        with refusals_translated(f"publishing to {self._arn}"):
            self._client.publish(
                TopicArn=self._arn,
                Message=json.dumps(document),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
