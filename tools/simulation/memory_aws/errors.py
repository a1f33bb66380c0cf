"""Errors as boto3 raises them, with AWS's codes and messages."""

from typing import Any

from botocore.exceptions import ClientError

from simulation.memory_aws.hook import Call


def client_error(call: Call, code: str, message: str, status: int = 400, **found: Any) -> ClientError:
    """Return the error of an operation; ``found`` is what else AWS tells, such as ``Item``."""
    response: Any = {
        "Error": {"Message": message, "Code": code},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    return ClientError(response | found, operation_name(call.operation))


def operation_name(method: str) -> str:
    """Return AWS's name of an operation: ``PutItem`` for ``put_item``."""
    return "".join(part.capitalize() for part in method.split("_"))


class Refusal(Exception):
    """A service's refusal of a call, raised where the call itself is not at hand."""

    def __init__(self, code: str, message: str, status: int = 400, **found: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.found = found

    def of(self, call: Call) -> ClientError:
        """Return it as the error of a call."""
        return client_error(call, self.code, self.message, self.status, **self.found)


def invalid(message: str) -> Refusal:
    """Return the refusal of a request that is no valid one."""
    return Refusal("ValidationException", message)
