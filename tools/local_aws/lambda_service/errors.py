"""The errors of the Lambda API, in the shape from which every SDK raises its exceptions."""

import json


class LambdaError(Exception):
    """An answer of the API other than success: `code` is the exception's name in the SDKs."""

    def __init__(self, code: str, status: int, message: str, **members: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.members = members

    def body(self) -> bytes:
        """Lambda spells its own messages with a capital M, and a request it cannot read with a small one."""
        if self.code in ("ValidationException", "AccessDeniedException", "SerializationException"):
            return json.dumps({"message": self.message}).encode()
        fault = "Service" if self.status >= 500 else "User"
        return json.dumps({"Type": fault, **self.members, "Message": self.message, "message": self.message}).encode()


def not_found(message: str = "The resource you requested does not exist.") -> LambdaError:
    return LambdaError("ResourceNotFoundException", 404, message)


def function_not_found(arn: str) -> LambdaError:
    return not_found(f"Function not found: {arn}")


def invalid_value(message: str) -> LambdaError:
    return LambdaError("InvalidParameterValueException", 400, message)


def invalid_request(message: str) -> LambdaError:
    return LambdaError("ValidationException", 400, message)


def conflict(message: str) -> LambdaError:
    return LambdaError("ResourceConflictException", 409, message)


def throttled() -> LambdaError:
    return LambdaError(
        "TooManyRequestsException", 429, "Rate Exceeded.", Reason="ReservedFunctionConcurrentInvocationLimitExceeded"
    )


def request_too_large(maximum: int) -> LambdaError:
    message = f"Request must be smaller than {maximum} bytes for the InvokeFunction operation"
    return LambdaError("RequestTooLargeException", 413, message)


def in_use() -> LambdaError:
    return LambdaError("ResourceInUseException", 400, "Cannot update the event source mapping because it is in use.")
