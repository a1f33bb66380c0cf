"""Read a template, YAML or JSON, into a document in which short tags have their long form (`{"Ref": …}`).

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sam_templates.errors import TemplateError

type Document = dict[str, Any]

_WITHOUT_PREFIX = frozenset({"Ref", "Condition"})

if TYPE_CHECKING:
    from yaml import SafeLoader as _FastLoader
else:
    _FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is ten times as fast


def read(path: Path) -> Document:
    """Return the document of a template file. Raise `TemplateError` if it is not a template."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    return parse(text, str(path))


def parse(text: str, name: str = "template") -> Document:
    """Return the document of a template's text. Raise `TemplateError`, whose message begins with ``name``."""
    try:
        document = _parsed(text)
    except yaml.YAMLError as error:
        raise TemplateError(f"{name}: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise TemplateError(f"{name}: the template is nested too deep") from None
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{name}: a template needs a Resources section")
    return document


def _parsed(text: str) -> Any:
    """Read JSON by its own parser: it is much faster, and JSON may be indented by tabs, which YAML refuses."""
    try:
        return json.loads(text)
    except ValueError:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader, with CloudFormation's tags


class _Loader(_FastLoader):
    """A safe loader that knows CloudFormation's short tags and, like CloudFormation, takes dates for text."""


def _short_tag(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: str(text).split(".", 1) if tag == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise yaml.constructor.ConstructorError(None, None, f"!{tag} has no value", node.start_mark)


_Loader.add_multi_constructor("!", _short_tag)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
