from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from event_source_mapping.rehearsal import Rehearsal

TEMPLATE = Path(__file__).parents[3] / "template.yaml"


class CloudFormation(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, read as their long forms."""


def long_form(loader: CloudFormation, tag: str, node: yaml.Node) -> dict[str, Any]:
    operand: Any
    match node:
        case yaml.ScalarNode():
            operand = loader.construct_scalar(node)
        case yaml.SequenceNode():
            operand = loader.construct_sequence(node, deep=True)
        case _:
            operand = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {tag if tag == "Ref" else f"Fn::{tag}": operand}


CloudFormation.add_multi_constructor("!", long_form)


@pytest.fixture
def rehearse() -> Callable[..., Rehearsal]:
    template = yaml.load(TEMPLATE.read_text(), CloudFormation)
    return lambda *args, **kwargs: Rehearsal.of_template(template, *args, **kwargs)
