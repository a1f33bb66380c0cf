"""A function's configuration as the API shows it: made from a request, changed by a later one.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_aws.lambda_service.artifacts import Artifact
from local_aws.lambda_service.errors import invalid_request, invalid_value
from local_aws.lambda_service.names import LATEST, Account
from local_aws.lambda_service.runtimes import refuse_unknown

# What a request may set, with Lambda's defaults.
_DEFAULTS: dict[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "EphemeralStorage": {"Size": 512},
    "TracingConfig": {"Mode": "PassThrough"},
}
_CHANGEABLE = ("Role", "Handler", "Runtime", "KMSKeyArn", "DeadLetterConfig", "VpcConfig", *_DEFAULTS)
LONGEST_TIMEOUT = 1_800
"""Seconds (API reference, CreateFunction). Lambda Managed Instances, which do not run here, allow 5,400."""
_BOUNDS = {"Timeout": (1, LONGEST_TIMEOUT), "MemorySize": (128, 32768)}
_ENVIRONMENT_BYTES = 4096
_ROLE = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
_RESERVED_KEYS = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)

CREATING = {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}


def new_configuration(request: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """The configuration of a function that CreateFunction asks for, `Layers` and code aside.

    Raises ServiceError for what AWS refuses. A function that cannot run here can be created: its invocations fail.
    """
    package_type = request.get("PackageType", "Zip")
    if package_type == "Zip" and not (request.get("Runtime") and request.get("Handler")):
        raise invalid_value(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    _check(request, required=("Role",))
    name = request["FunctionName"]
    configuration = {
        "FunctionName": name,
        "FunctionArn": account.function_arn(name),
        "PackageType": package_type,
        "Architectures": list(request.get("Architectures") or ["x86_64"]),
        "Version": LATEST,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        **_DEFAULTS,
    }
    return changed_configuration(configuration, request)


def changed_configuration(configuration: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """`configuration` with what `request` names, checked, and a new revision; `Layers` are the caller's."""
    _check(request)
    changed = dict(configuration)
    for name in _CHANGEABLE:
        if request.get(name) is not None:
            changed[name] = request[name]
    if request.get("Environment") is not None:
        changed["Environment"] = {"Variables": dict(request["Environment"].get("Variables") or {})}
    changed["LoggingConfig"] = _logging(changed["LoggingConfig"], request.get("LoggingConfig") or {})
    return revised(changed)


def with_code(configuration: Mapping[str, Any], code: Artifact) -> dict[str, Any]:
    """`configuration` with the figures of its code and a new revision."""
    return revised({**configuration, "CodeSha256": code.sha256, "CodeSize": code.size})


def revised(configuration: Mapping[str, Any]) -> dict[str, Any]:
    modified = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
    return {**configuration, "RevisionId": str(uuid.uuid4()), "LastModified": modified}


def _logging(present: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    logging = {**present, **wanted}
    if logging["LogFormat"] == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
    return {name: value for name, value in logging.items() if name in ("LogFormat", "LogGroup")}


def _check(request: Mapping[str, Any], required: tuple[str, ...] = ()) -> None:
    for name in required:
        if request.get(name) is None:
            raise _constraint(None, name, "not be null")
    for name, (least, most) in _BOUNDS.items():
        value = request.get(name)
        if value is not None and value < least:
            raise _constraint(value, name, f"have value greater than or equal to {least}")
        if value is not None and value > most:
            raise _constraint(value, name, f"have value less than or equal to {most}")
    role = request.get("Role")
    if role is not None and not re.fullmatch(_ROLE, role):
        raise _constraint(role, "Role", f"satisfy regular expression pattern: {_ROLE}")
    _check_runtime(request)
    _check_environment(request)


def _check_runtime(request: Mapping[str, Any]) -> None:
    runtime = request.get("Runtime")
    if runtime is not None:
        refuse_unknown(runtime)


def _check_environment(request: Mapping[str, Any]) -> None:
    variables = (request.get("Environment") or {}).get("Variables") or {}
    if sum(len(name.encode()) + len(str(value).encode()) for name, value in variables.items()) > _ENVIRONMENT_BYTES:
        raise invalid_value(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the {_ENVIRONMENT_BYTES // 1024}KB limit."
        )
    if reserved := sorted(_RESERVED_KEYS & set(variables)):
        raise invalid_value(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )


def _constraint(value: object, name: str, constraint: str) -> Exception:
    shown = "null" if value is None else f"'{value}'"
    member = name[0].lower() + name[1:]
    return invalid_request(
        f"1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: "
        f"Member must {constraint}"
    )
