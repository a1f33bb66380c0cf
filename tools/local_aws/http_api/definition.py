"""What an OpenAPI definition with API Gateway's extensions says of an API's routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEFAULT_ROUTE = "$default"
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch"))
_SIGNATURE = "awsSigv4"


@dataclass(frozen=True, slots=True)
class DefinedRoute:
    """A route with its integration, as the API's own operations name them."""

    route_key: str
    authorization_type: str
    integration: dict[str, Any]


def defined_routes(definition: dict[str, Any]) -> Iterator[DefinedRoute]:
    """The routes of a definition that have an integration, which those without have nothing to answer with."""
    for path, operations in (definition.get("paths") or {}).items():
        for method, operation in operations.items():
            if method.lower() not in _METHODS | {_ANY} or _INTEGRATION not in operation:
                continue
            yield DefinedRoute(
                _route_key(method, path), _authorization(definition, operation), _integration(operation[_INTEGRATION])
            )


def _route_key(method: str, path: str) -> str:
    if path.removeprefix("/") == DEFAULT_ROUTE:
        return DEFAULT_ROUTE
    return f"{'ANY' if method == _ANY else method.upper()} {path}"


def _authorization(definition: dict[str, Any], operation: dict[str, Any]) -> str:
    """AWS_IAM, CUSTOM for what is not known here, or NONE: what an operation asks for, or else the whole API."""
    asked = operation.get("security", definition.get("security")) or []
    schemes = (definition.get("components") or {}).get("securitySchemes") or {}
    kinds = {schemes.get(name, {}).get("x-amazon-apigateway-authtype") for each in asked for name in each}
    if not kinds:
        return "NONE"
    return "AWS_IAM" if kinds == {_SIGNATURE} else "CUSTOM"


def _integration(extension: dict[str, Any]) -> dict[str, Any]:
    names = {
        "type": "IntegrationType",
        "uri": "IntegrationUri",
        "httpMethod": "IntegrationMethod",
        "payloadFormatVersion": "PayloadFormatVersion",
        "timeoutInMillis": "TimeoutInMillis",
    }
    integration = {names[name]: value for name, value in extension.items() if name in names}
    return integration | {"IntegrationType": str(integration["IntegrationType"]).upper()}
