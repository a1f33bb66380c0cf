"""The errors of the Lambda API, in the shape from which every SDK raises its exceptions."""

import json


class ServiceError(Exception):
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


def not_found(message: str = "The resource you requested does not exist.") -> ServiceError:
    return ServiceError("ResourceNotFoundException", 404, message)


def function_not_found(arn: str) -> ServiceError:
    return not_found(f"Function not found: {arn}")


def invalid_value(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", 400, message)


def invalid_request(message: str) -> ServiceError:
    return ServiceError("ValidationException", 400, message)


def conflict(message: str) -> ServiceError:
    return ServiceError("ResourceConflictException", 409, message)


def throttled() -> ServiceError:
    return ServiceError(
        "TooManyRequestsException", 429, "Rate Exceeded.", Reason="ReservedFunctionConcurrentInvocationLimitExceeded"
    )


def request_too_large(maximum: int) -> ServiceError:
    message = f"Request must be smaller than {maximum} bytes for the InvokeFunction operation"
    return ServiceError("RequestTooLargeException", 413, message)


def in_use() -> ServiceError:
    return ServiceError("ResourceInUseException", 400, "Cannot update the event source mapping because it is in use.")
