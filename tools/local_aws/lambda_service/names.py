"""The names by which the API lets a caller mean a function, and the ARNs made of them.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax (FunctionName)
"""

import re
from dataclasses import dataclass

from local_aws.lambda_service.errors import invalid_request, invalid_value

LATEST = "$LATEST"
PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?"
    r"(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_FORM = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:|(?:(?P<partial>\d{12}):)?function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function's name and, where the caller gave one, the version or alias of it."""

    name: str
    qualifier: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """Where ARNs are rooted."""

    account_id: str
    region: str

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        arn = f"arn:aws:lambda:{self.region}:{self.account_id}:function:{name}"
        return arn if qualifier is None else f"{arn}:{qualifier}"

    def layer_arn(self, name: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account_id}:layer:{name}"

    def mapping_arn(self, uuid: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account_id}:event-source-mapping:{uuid}"


def parse_function_name(text: str, qualifier: str | None = None) -> FunctionName:
    """Read a name, a name with qualifier, a partial ARN or an ARN; `qualifier` is the one given beside it.

    Raises ServiceError as AWS does for a malformed name or two qualifiers that contradict one another.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise invalid_request(
            f"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {PATTERN}"
        )
    within = found["qualifier"]
    if within is not None and qualifier is not None and within != qualifier:
        raise invalid_value("The derived qualifier from the function name does not match the specified qualifier.")
    return FunctionName(found["name"], within or qualifier)
