"""CloudFormation's limits of a template that comes from a client.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import json

import yaml

from sam_templates.document import Document, parse
from sam_templates.errors import TemplateError

MOST_BYTES = 1_000_000
_MOST_ENTRIES = {"Resources": 500, "Parameters": 200, "Mappings": 200, "Outputs": 200}


def parse_within_limits(text: str) -> Document:
    """Return the document of a template's text. Raise `TemplateError` if it exceeds a limit or is not a template."""
    if len(text) > MOST_BYTES:
        raise TemplateError(f"template: a template has at most {MOST_BYTES} bytes")
    _refuse_aliases(text)
    document = parse(text)
    require_limits(document)
    return document


def require_limits(document: Document) -> None:
    """Raise `TemplateError` if a section has too many entries; loops count as what they produce."""
    for section, most in _MOST_ENTRIES.items():
        if isinstance(document.get(section), dict) and len(document[section]) > most:
            raise TemplateError(f"template: a template has at most {most} entries in {section}")


def _refuse_aliases(text: str) -> None:
    """A few lines of aliases can stand for any amount of memory. CloudFormation does not support them either."""
    try:
        json.loads(text)
    except ValueError:
        pass
    except RecursionError:
        raise TemplateError("template: the template is nested too deep") from None
    else:
        return
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise TemplateError("template: a template has no YAML aliases")
    except yaml.YAMLError as error:
        raise TemplateError(f"template: {' '.join(str(error).split())}") from error
