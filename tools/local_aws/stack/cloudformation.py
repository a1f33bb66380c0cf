"""CloudFormation on moto, with the SAM transform and with resources that run here.

Every way to a stack comes through here: the template that the endpoint is started with, and CreateStack,
UpdateStack and change sets from any client.
"""

from __future__ import annotations

import json
from typing import Any

import moto.cloudformation.responses
import moto.cloudformation.urls
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.responses import ActionResult

from sam_templates.document import Document
from sam_templates.errors import TemplateError
from sam_templates.transform import transformed

from .given_parameters import install_given_parameters
from .list_defaults import install_list_defaults
from .publishing import publish_changed, versions_of
from .resources import ResourceKind, in_name_only
from .retaining import retain
from .rollback import LEFT_BEHIND, ROLLED_BACK, reason_of, roll_back
from .template_limits import parse_within_limits, require_limits


class TemplateStacks(CloudFormationBackend):
    """moto's stacks of one account and region; templates are transformed when they arrive."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._originals: dict[str, str] = {}  # by the ids of stacks and change sets

    @property
    def _url_module(self) -> Any:
        """moto looks for the routes beside the module of the class."""
        return moto.cloudformation.urls

    def create_stack(self, name: str, template: str, parameters: dict[str, Any], *args: Any, **more: Any) -> Stack:
        """Make a stack; one whose resources cannot be made answers as rolled back, a wrong template is an error."""
        original, known = template, set(self.stacks)
        template = prepared(template, parameters)
        try:
            stack = super().create_stack(name, template, parameters, *args, **more)
            self._originals[stack.stack_id] = original
            return stack
        except Exception as error:
            begun = [stack for stack_id, stack in self.stacks.items() if stack_id not in known]
            if not begun:
                raise
            return roll_back(self, begun[0], error)

    def update_stack(
        self,
        name: str,
        template: str,
        role_arn: str | None,
        parameters: list[dict[str, Any]],
        tags: dict[str, str] | None,
    ) -> Stack:
        values = {each["ParameterKey"]: each.get("ParameterValue", "") for each in parameters or ()}
        original, stack = template, self.get_stack(name)
        if original != stack.template:  # else the client asks for the previous template
            self._originals[stack.stack_id] = original
        template = prepared(template, values)
        versions = versions_of(stack)
        retain(stack, stack.resource_map.resources - json.loads(template)["Resources"].keys())
        stack = super().update_stack(name, template, role_arn, parameters, tags)
        publish_changed(stack, versions)
        return stack

    def delete_stack(self, name_or_stack_id: str) -> None:
        stack = self.stacks.get(name_or_stack_id)  # by its name, moto finds the id and comes back
        if stack is not None and stack.status.endswith("_COMPLETE") and stack.status != ROLLED_BACK:
            retain(stack, stack.resource_map.resources)
        super().delete_stack(name_or_stack_id)

    def create_change_set(
        self,
        stack_name: str,
        change_set_name: str,
        template: str,
        parameters: dict[str, str],
        *args: Any,
        **more: Any,
    ) -> tuple[str, str]:
        original, template = template, prepared(template, parameters)
        if any(stack.name == stack_name for stack in self.stacks.values()):
            parameters = _as_given(self.get_stack(stack_name), json.loads(template), parameters)
        ids = super().create_change_set(stack_name, change_set_name, template, parameters, *args, **more)
        self._originals[ids[0]] = original
        return ids

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        change_set = self.describe_change_set(change_set_name)
        versions = {} if change_set is None else versions_of(change_set.stack)
        if change_set is not None:
            wanted = parse_within_limits(change_set.template)["Resources"]
            retain(change_set.stack, change_set.stack.resource_map.resources - wanted.keys())
            self._originals[change_set.stack.stack_id] = self._originals.pop(
                change_set.change_set_id, str(change_set.template)
            )
        try:
            super().execute_change_set(change_set_name, stack_name)
        except Exception as error:
            if change_set is None or change_set.change_set_type != "CREATE":
                raise
            change_set.stack.template = change_set.template  # moto sets it after success only
            roll_back(self, change_set.stack, error)
            return
        if change_set is not None:
            # moto leaves the stack with the outputs of the template before.
            stack = change_set.stack
            stack.parameters = change_set.parameters
            stack._parse_template()
            publish_changed(stack, versions)
            stack.output_map = stack._create_output_map()

    def template_at(self, name: str, stage: str) -> str:
        """Return the template of a stack as it was given (``Original``), or as it was transformed (``Processed``)."""
        stack = self.get_stack(name)
        return str(stack.template) if stage == "Processed" else self._originals.get(stack.stack_id, str(stack.template))


def install(kinds: dict[str, ResourceKind]) -> None:
    """Have moto's CloudFormation make these types of resources as we do."""
    cloudformation_backends.backend = TemplateStacks
    responses: Any = moto.cloudformation.responses
    responses.get_stack_from_s3_url = _template_at
    responses.CloudFormationResponse.get_template = _get_template
    install_list_defaults()
    install_given_parameters()
    _register(kinds)


def _get_template(response: Any) -> ActionResult:
    """Answer GetTemplate, for either stage."""
    name, stage = response._get_param("StackName"), response._get_param("TemplateStage") or "Original"
    body = response.cloudformation_backend.template_at(name, stage)
    return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})


def _template_at(url: str, account_id: str, partition: str) -> str:
    """The template that a client has put into a bucket of this endpoint, by the URL it tells."""
    return get_stack_from_s3_url(url.replace("//127.0.0.1", "//localhost"), account_id, partition)


def create(
    account_id: str, region: str, template: Document, path: str, name: str, parameters: dict[str, str]
) -> dict[str, str]:
    """Create a stack from the template of a file, or update the one of that name, and answer its outputs."""
    unknown = sorted(set(parameters) - set(template.get("Parameters") or {}))
    if unknown:
        raise TemplateError(f"{path}: there is no parameter {', '.join(unknown)}")
    backend = cloudformation_backends[account_id][region]
    try:
        former = next((each for each in backend.stacks.values() if each.name == name), None)
        if former is not None and not former.status.endswith("_COMPLETE"):
            backend.delete_stack(name)  # whoever was making it has ended half-way
            former = None
        if former is None:
            stack = backend.create_stack(name, json.dumps(template), parameters)
        else:
            listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
            stack = backend.update_stack(name, json.dumps(template), None, listed, None)
        if stack.status in (ROLLED_BACK, LEFT_BEHIND):
            reason = reason_of(stack)
            if stack.status == ROLLED_BACK:
                backend.delete_stack(stack.stack_id)
            raise TemplateError(f"{path}: {reason}")
    except ValidationError as error:
        raise TemplateError(f"{path}: {error.message}") from error
    return {each.key: str(each.value) for each in stack.output_map.values() if each is not None}


def _as_given(stack: Stack, template: dict[str, Any], parameters: dict[str, str]) -> dict[str, str]:
    """Give parameters that name an SSM parameter as they were given first; moto hands on what they resolved to."""
    given = dict(parameters)
    for name, slot in (template.get("Parameters") or {}).items():
        resolved = stack.resource_map.resolved_parameters.get(name)
        if slot["Type"].startswith("AWS::SSM::Parameter::") and given.get(name) == resolved is not None:
            given[name] = stack.parameters.get(name, slot.get("Default", ""))
    return given


def prepared(text: str, parameters: dict[str, str]) -> str:
    """Transform a template, and have every type that it uses known, if only by name."""
    try:
        template = transformed(parse_within_limits(text), parameters)
        require_limits(template)
    except TemplateError as error:
        raise ValidationError(message=str(error)) from error
    for resource in template["Resources"].values():
        # Else moto adds it to what it keeps, and sees a change in the next template.
        resource.setdefault("Properties", {})
    used = {resource["Type"] for resource in template["Resources"].values()}
    unknown = [kind for kind in used - set(parsing.get_model_map()) if not kind.startswith("Custom::")]
    _register({kind: in_name_only(kind) for kind in unknown})
    return json.dumps(template)


def _register(kinds: dict[str, ResourceKind]) -> None:
    """Enter resource types where moto looks up its models."""
    parsing.get_model_map().update(kinds)  # type: ignore[arg-type]
