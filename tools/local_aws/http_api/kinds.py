"""AWS::ApiGatewayV2::*, made by the operations of the service as any client would make them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from ..stack.resources import Properties, Removal, Resource, ResourceKind
from .definition import defined_routes
from .front import url_of

_SERVICE = "apigatewayv2"
_OF_AN_API = ("Description", "Version", "CorsConfiguration", "DisableExecuteApiEndpoint", "RouteSelectionExpression")


class HttpApiKinds:
    """Parameters are not validated by boto3: templates hold numbers as text, which the service accepts."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::ApiGatewayV2::Api": ResourceKind(self.api, self.update_api),
            "AWS::ApiGatewayV2::Stage": ResourceKind(self.stage),
            "AWS::ApiGatewayV2::Integration": ResourceKind(self.integration),
            "AWS::ApiGatewayV2::Route": ResourceKind(self.route),
        }

    def api(self, name: str, properties: Properties) -> Resource:
        definition = properties.get("Body") or {}
        settings = {key: properties[key] for key in _OF_AN_API if key in properties} | _cors(properties)
        settings["Name"] = properties.get("Name") or (definition.get("info") or {}).get("title") or name
        api_id = self._client.create_api(ProtocolType=properties.get("ProtocolType", "HTTP"), **settings)["ApiId"]
        self._define(api_id, definition)
        attributes = {"ApiId": api_id, "ApiEndpoint": url_of(self._endpoint_url, api_id)}
        return Resource(api_id, attributes, Removal(_SERVICE, "delete_api", {"ApiId": api_id}))

    def update_api(self, resource: Resource, properties: Properties) -> Resource:
        api_id = resource.physical_resource_id
        if "Body" in properties:
            for route in self._client.get_routes(ApiId=api_id)["Items"]:
                self._client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
            self._define(api_id, properties["Body"])
        if cors := _cors(properties):
            self._client.update_api(ApiId=api_id, **cors)
        elif _cors(resource.properties):
            self._client.delete_cors_configuration(ApiId=api_id)
        return resource

    def stage(self, name: str, properties: Properties) -> Resource:
        del name
        self._client.create_stage(**properties)
        key = {"ApiId": properties["ApiId"], "StageName": properties["StageName"]}
        return Resource(properties["StageName"], {}, Removal(_SERVICE, "delete_stage", key))

    def integration(self, name: str, properties: Properties) -> Resource:
        del name
        made = self._client.create_integration(**properties)["IntegrationId"]
        key = {"ApiId": properties["ApiId"], "IntegrationId": made}
        return Resource(made, {"IntegrationId": made}, Removal(_SERVICE, "delete_integration", key))

    def route(self, name: str, properties: Properties) -> Resource:
        del name
        made = self._client.create_route(**properties)["RouteId"]
        key = {"ApiId": properties["ApiId"], "RouteId": made}
        return Resource(made, {"RouteId": made}, Removal(_SERVICE, "delete_route", key))

    def _define(self, api_id: str, definition: dict[str, Any]) -> None:
        for each in defined_routes(definition):
            integration = self._client.create_integration(ApiId=api_id, **each.integration)["IntegrationId"]
            self._client.create_route(
                ApiId=api_id,
                RouteKey=each.route_key,
                AuthorizationType=each.authorization_type,
                Target=f"integrations/{integration}",
            )

    @cached_property
    def _client(self) -> Any:
        session: Any = boto3.Session("local", "local", region_name=self._region)
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        return session.client(_SERVICE, endpoint_url=self._endpoint_url, config=config)


def _cors(properties: Properties) -> Properties:
    """Return the CORS configuration of an API, which its definition names in lower camel case, or nothing."""
    defined = (properties.get("Body") or {}).get("x-amazon-apigateway-cors") or {}
    cors = {f"{name[0].upper()}{name[1:]}": value for name, value in defined.items()}
    cors |= properties.get("CorsConfiguration") or {}
    return {"CorsConfiguration": cors} if cors else {}
