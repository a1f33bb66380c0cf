"""Reading templates: local code paths made absolute, and the SAM transform done as CloudFormation does it.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from ..errors import TemplateError
from .resources import LOCAL_BUCKET

type Template = dict[str, Any]

_CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
_PLACES = (("Bucket", "Key"), ("S3Bucket", "S3Key"))
MOST_TEMPLATE_BYTES = 1_000_000
_MOST_ENTRIES = {"Resources": 500, "Parameters": 200, "Mappings": 200, "Outputs": 200}
_TRANSFORM = "AWS::Serverless-2016-10-31"


def read_template(path: Path) -> Template:
    """Read a template file; its local code paths come out absolute, so that functions run where they lie."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}") from error
    template = parse(text, str(path))
    _point_to_local_code(template, path.resolve().parent)
    return template


def local_folders(template: Any) -> set[str]:
    """Return the folders of this machine that a template read by `read_template` names as code."""
    if isinstance(template, dict):
        here = {str(template[key]) for bucket, key in _PLACES if template.get(bucket) == LOCAL_BUCKET}
        return here.union(*(local_folders(each) for each in template.values()))
    return set().union(*(local_folders(each) for each in template)) if isinstance(template, list) else set()


def parse(text: str, name: str) -> Template:
    """Read a template within CloudFormation's limits; `TemplateError` says what is wrong with it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    if len(text) > MOST_TEMPLATE_BYTES:
        raise TemplateError(f"{name}: a template has at most {MOST_TEMPLATE_BYTES} bytes")
    try:
        template = _read(text)
    except yaml.YAMLError as error:
        raise TemplateError(f"{name}: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise TemplateError(f"{name}: the template is nested too deep") from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{name}: a template needs a Resources section")
    for section, most in _MOST_ENTRIES.items():
        if isinstance(template.get(section), dict) and len(template[section]) > most:
            raise TemplateError(f"{name}: a template has at most {most} entries in {section}")
    return json.loads(json.dumps(template, default=str))  # type: ignore[no-any-return]


def _read(text: str) -> Any:
    """Read YAML; JSON, which is YAML too and mostly what clients send, by its own parser, hundreds of times as fast."""
    try:
        return json.loads(text)
    except ValueError:
        # A few lines of aliases can stand for any amount of memory; CloudFormation does not support them either.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise yaml.YAMLError("a template has no YAML aliases") from None
        return yaml_parse(text)


def transformed(template: Template, parameters: dict[str, str]) -> Template:
    """Do the SAM transform if the template asks for it; any other template comes back as it is."""
    wanted = template.get("Transform", [])
    if _TRANSFORM not in ([wanted] if isinstance(wanted, str) else wanted):
        return template
    try:
        return transform(template, dict(parameters), _NoManagedPolicies())  # type: ignore[no-any-return]
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes) or error.message
        raise TemplateError(f"the SAM transform refuses the template: {' '.join(causes.split())}") from error


class _NoManagedPolicies:
    """SAM asks for the names of AWS's managed policies; without them ARNs and policy templates still work."""

    def load(self) -> dict[str, str]:
        return {}


def _point_to_local_code(template: Template, folder: Path) -> None:
    function = (template.get("Globals") or {}).get("Function") or {}
    if isinstance(function.get("CodeUri"), str):
        function["CodeUri"] = _located(function["CodeUri"], folder)
    for resource in template["Resources"].values():
        name = _CODE_PROPERTIES.get(resource.get("Type", ""))
        properties = resource.get("Properties") or {}
        if name is not None and isinstance(properties.get(name), str):
            located = _located(properties[name], folder)
            if not resource["Type"].startswith("AWS::Serverless") and isinstance(located, dict):
                located = {"S3Bucket": located["Bucket"], "S3Key": located["Key"]}
            properties[name] = located


def _located(uri: str, folder: Path) -> str | dict[str, str]:
    if "://" in uri:
        return uri
    path = (folder / uri).resolve()
    if not path.exists():
        raise TemplateError(f"there is no code at {path}")
    return {"Bucket": LOCAL_BUCKET, "Key": str(path)}
