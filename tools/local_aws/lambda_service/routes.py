"""Which request is which operation of the Lambda API.

https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
"""

import re
from dataclasses import dataclass

_FUNCTION = "/2015-03-31/functions/{FunctionName}"
_MAPPINGS = "/2015-03-31/event-source-mappings"
_LAYERS = "/2018-10-31/layers"
_VERSIONS = _LAYERS + "/{LayerName}/versions"
_ALIASES = _FUNCTION + "/aliases"
_TAGS = "/2017-03-31/tags/{Resource}"
_EVENT_CONFIG = "/2019-09-25/functions/{FunctionName}/event-invoke-config"

_TABLE = (
    ("POST", "/2015-03-31/functions", "create_function", 201),
    ("GET", "/2015-03-31/functions", "list_functions", 200),
    ("GET", _FUNCTION, "get_function", 200),
    ("DELETE", _FUNCTION, "delete_function", 204),
    ("GET", _FUNCTION + "/configuration", "get_function_configuration", 200),
    ("PUT", _FUNCTION + "/configuration", "update_function_configuration", 200),
    ("PUT", _FUNCTION + "/code", "update_function_code", 200),
    ("POST", _FUNCTION + "/invocations", "invoke", 200),
    ("POST", _FUNCTION + "/versions", "publish_version", 201),
    ("GET", _FUNCTION + "/versions", "list_versions_by_function", 200),
    ("POST", _ALIASES, "create_alias", 201),
    ("GET", _ALIASES, "list_aliases", 200),
    ("GET", _ALIASES + "/{Name}", "get_alias", 200),
    ("PUT", _ALIASES + "/{Name}", "update_alias", 200),
    ("DELETE", _ALIASES + "/{Name}", "delete_alias", 204),
    ("POST", _FUNCTION + "/policy", "add_permission", 201),
    ("GET", _FUNCTION + "/policy", "get_policy", 200),
    ("DELETE", _FUNCTION + "/policy/{StatementId}", "remove_permission", 204),
    ("PUT", "/2017-10-31/functions/{FunctionName}/concurrency", "put_function_concurrency", 200),
    ("DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", "delete_function_concurrency", 204),
    ("GET", "/2019-09-30/functions/{FunctionName}/concurrency", "get_function_concurrency", 200),
    ("PUT", _EVENT_CONFIG, "put_function_event_invoke_config", 200),
    ("GET", _EVENT_CONFIG, "get_function_event_invoke_config", 200),
    ("POST", _EVENT_CONFIG, "update_function_event_invoke_config", 200),
    ("GET", _EVENT_CONFIG + "/list", "list_function_event_invoke_configs", 200),
    ("DELETE", _EVENT_CONFIG, "delete_function_event_invoke_config", 204),
    ("GET", "/2016-08-19/account-settings", "get_account_settings", 200),
    ("GET", _LAYERS, "list_layers", 200),
    ("POST", _VERSIONS, "publish_layer_version", 201),
    ("GET", _VERSIONS, "list_layer_versions", 200),
    ("GET", _VERSIONS + "/{VersionNumber}", "get_layer_version", 200),
    ("DELETE", _VERSIONS + "/{VersionNumber}", "delete_layer_version", 204),
    ("POST", _MAPPINGS, "create_event_source_mapping", 202),
    ("GET", _MAPPINGS, "list_event_source_mappings", 200),
    ("GET", _MAPPINGS + "/{UUID}", "get_event_source_mapping", 200),
    ("PUT", _MAPPINGS + "/{UUID}", "update_event_source_mapping", 202),
    ("DELETE", _MAPPINGS + "/{UUID}", "delete_event_source_mapping", 202),
    ("POST", _TAGS, "tag_resource", 204),
    ("GET", _TAGS, "list_tags", 200),
    ("DELETE", _TAGS, "untag_resource", 204),
)


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, the status of its success, and what the path says."""

    operation: str
    status: int
    parameters: dict[str, str]


def _compiled(template: str) -> re.Pattern[str]:
    # An ARN in a tag's path may hold slashes, a name never does.
    pattern = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] == 'Resource' else '[^/]+'})", template)
    return re.compile(pattern + "/?")


_COMPILED = tuple((method, _compiled(template), operation, status) for method, template, operation, status in _TABLE)

OPERATIONS = frozenset(operation for _, _, operation, _ in _TABLE) | {"get_layer_version_by_arn"}


def find_route(method: str, path: str, query: dict[str, str]) -> Route | None:
    """The operation that `method` and the unquoted `path` name, None if there is none."""
    if method == "GET" and query.get("find") == "LayerVersion":
        return Route("get_layer_version_by_arn", 200, {})
    for wanted, pattern, operation, status in _COMPILED:
        if wanted == method and (found := pattern.fullmatch(path)):
            return Route(operation, status, found.groupdict())
    return None
