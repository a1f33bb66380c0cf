"""What a refused AWS call means for the record it was made for."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from changestream.core.errors import TransientError, Unprocessable

UNPROCESSABLE = frozenset({
    "ValidationException", "SerializationException", "ItemCollectionSizeLimitExceededException",
    "InvalidParameter", "ParameterValueInvalid",
})  # fmt: skip
"""Errors that a request meets for ever. A missing table, topic or permission is not among them: a person mends
those. The last two are SNS's."""


def error_code(error: ClientError) -> str:
    """Return the code of AWS's answer, "" where it has none."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code


@contextmanager
def refusals_translated(what: str) -> Iterator[None]:
    """Turn boto3's errors in the block into ``Unprocessable`` or ``TransientError``, telling ``what`` was attempted."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in UNPROCESSABLE:
            raise Unprocessable(f"{what}: {error}") from error
        raise TransientError(f"{what}: {error}") from error
    except (ParamValidationError, UnicodeError) as error:  # no request can carry a text that is none
        raise Unprocessable(f"{what}: {error}") from error
    except BotoCoreError as error:
        raise TransientError(f"{what}: {error}") from error
