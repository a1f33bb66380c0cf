"""The boto3 clients of a stack: which call failed is told with the error, and what does not write, cannot."""

import re
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from streamctl.exits import Exit, Trouble

READING = re.compile(
    r"(Get|List|Describe|Filter|Query|Scan|Head|BatchGet)[A-Z]?|ReceiveMessage|ChangeMessageVisibility"
)
"""Operations that leave what they name as it is. The last two hide a message from its readers, for a while."""

CALLED = "Called"
"""Under it, the answer to a refused call says which it was (``action``), and of what (``resource``)."""

ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
}
"""Where the permission has another name than the operation (Service Authorization Reference)."""

PREFIXES = {"monitoring": "cloudwatch"}
"""Where a service signs by another name than its permissions have."""

NAMES = ("StackName", "StreamArn", "StreamARN", "QueueUrl", "TableName", "FunctionName", "Bucket", "TopicArn", "UUID")
RESOURCE = "streamctl_resource"


class WouldWrite(Exception):
    """A fault of ours: a command that only reads, or a dry run, was about to write. Nothing was sent."""


class Calls:
    """Makes clients of one account and region; ``may_write`` is true only where a person has said ``--apply``."""

    def __init__(self, session: boto3.Session, endpoint: str | None, *, may_write: bool) -> None:
        self._session = session
        self._endpoint = endpoint
        self._may_write = may_write
        self._clients: dict[tuple[str, str | None, int], Any] = {}
        self._lock = Lock()  # a session makes one client at a time (boto3 guide, "Multithreading with sessions")

    def client(self, service: str, region: str | None = None, read_timeout_seconds: int = 20) -> Any:
        """Return the client of a service; raises what boto3 raises without region or profile."""
        key = service, region, read_timeout_seconds
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, region, read_timeout_seconds)
            return self._clients[key]

    def _new_client(self, service: str, region: str | None, read_timeout_seconds: int) -> Any:
        config = Config(
            connect_timeout=5,
            read_timeout=read_timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=16,
            user_agent_extra="app/streamctl",
        )
        create: Any = self._session.client
        try:
            made = create(service, region_name=region, endpoint_url=self._endpoint, config=config)
        except ValueError as error:  # of an address in a profile or in the environment
            if isinstance(error, BotoCoreError):
                raise
            raise Trouble(Exit.SETUP, f"the AWS configuration cannot be used: {error}") from error
        made.meta.events.register("provide-client-params.*.*", self._before)
        made.meta.events.register("after-call.*.*", _after)
        return made

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if not self._may_write and not READING.match(model.name):
            raise WouldWrite(f"{model.name} in a command that only reads, or in a dry run")
        found = next((str(params[name]) for name in NAMES if name in params), "")
        context[RESOURCE] = f"{found}/{params['Key']}" if isinstance(params.get("Key"), str) else found


def _after(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if "Error" in parsed:
        parsed[CALLED] = {"action": action_of(model), "resource": context.get(RESOURCE, "")}


def action_of(model: Any) -> str:
    """Return the name of the permission that an operation takes."""
    service = model.service_model.signing_name
    action = f"{PREFIXES.get(service, service)}:{model.name}"
    return ACTIONS.get(action, action)
