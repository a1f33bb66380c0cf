"""Lambda, as far as recovery takes it: whoever runs functions says what comes of an invocation.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from botocore.response import StreamingBody

from simulation.memory_aws.client import Operation
from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call

PAYLOAD_BYTES = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Invoked:
    """How an invocation ended: its payload as JSON text, and ``Unhandled`` or the like where the function failed."""

    payload: bytes
    function_error: str | None = None
    executed_version: str = "$LATEST"


@dataclass(frozen=True, slots=True)
class HostedFunction:
    """A function and what runs it; ``run`` may take time, and may have other calls carried out meanwhile."""

    arn: str
    role_arn: str
    run: Callable[[bytes], Invoked]


class Lambda:
    """``functions`` is for whoever sets the stage: by name. Throttled is what a hook refuses."""

    reentrant = True

    def __init__(self) -> None:
        self.functions: dict[str, HostedFunction] = {}
        self.operations: dict[str, Operation] = {
            "get_function_configuration": self._get_function_configuration,
            "invoke": self._invoke,
        }

    def add(self, arn: str, role_arn: str, run: Callable[[bytes], Invoked]) -> None:
        """Give the account a function."""
        self.functions[arn.split(":")[6]] = HostedFunction(arn, role_arn, run)

    def _named(self, name: str) -> HostedFunction:
        """Return a function by its name or ARN, whichever version or alias follows. Raises ``Refusal``."""
        parts = name.split(":")
        found = self.functions.get(parts[6] if len(parts) > 6 else parts[0])
        if found is None:
            raise Refusal("ResourceNotFoundException", f"Function not found: {name}", 404)
        return found

    def _get_function_configuration(self, call: Call) -> Answer:
        function = self._named(call.parameters["FunctionName"])
        name = function.arn.split(":")[6]
        return {"FunctionName": name, "FunctionArn": function.arn, "Role": function.role_arn, "State": "Active"}

    def _invoke(self, call: Call) -> Answer:
        function, payload = self._named(call.parameters["FunctionName"]), call.parameters.get("Payload", b"{}")
        if len(payload) > PAYLOAD_BYTES:
            raise Refusal(
                "RequestTooLargeException", f"{len(payload)} byte payload is too large for the RequestResponse", 413
            )
        ended = function.run(payload.encode() if isinstance(payload, str) else payload)
        body = StreamingBody(BytesIO(ended.payload), len(ended.payload))
        answer: Answer = {"StatusCode": 200, "ExecutedVersion": ended.executed_version, "Payload": body}
        return answer | ({"FunctionError": ended.function_error} if ended.function_error else {})
