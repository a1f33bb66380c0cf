"""A consumer that demo, simulation or costs would leave out is named before anything is played.

Each test adds one to the template that `make consumer` writes, and takes away what makes it known.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from architecture.sources import ROOT
from costs.template_settings import template_settings
from demo.runtime import consumers_played
from sam_templates.errors import TemplateError
from scaffold.consumer import files
from scaffold.request import requested
from simulation.stack import SimulatedStack

type NamesOf = Callable[[Path], list[str]]

FUNCTION = "FlagOverdueFunction"
MAPPING = """
  OverdueMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt ChangeStream.Arn, FunctionName: !Ref FlagOverdueFunction}
"""


def of_simulation(template: Path) -> list[str]:
    stack = SimulatedStack(template)
    mapped = {plan.function for plan in stack.mappings}
    return [one.name for one in stack.consumers if one.name in mapped]


def of_demo(template: Path) -> list[str]:
    return [one.name for one in consumers_played(template, "http://127.0.0.1:1/_opensearch")]


def of_costs(template: Path) -> list[str]:
    return list(template_settings(template).mappings)


EVERYWHERE = pytest.mark.parametrize("names_of", [of_simulation, of_demo, of_costs])


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template with one more consumer, ``flag_overdue``."""
    path = tmp_path / "template.yaml"
    path.write_text(files(ROOT, requested("flag_overdue", "newest", "changes"))["template.yaml"])
    return path


def replace(template: Path, old: str, new: str) -> None:
    """Put ``new`` in place of ``old`` in the block of the function."""
    text = template.read_text()
    before, block = text.split(f"  {FUNCTION}:\n")
    assert old in block
    template.write_text(f"{before}  {FUNCTION}:\n{block.replace(old, new, 1)}")


@EVERYWHERE
def test_one_more_consumer_is_played_without_another_entry(names_of: NamesOf, template: Path) -> None:
    assert "flag_overdue" in names_of(template)


@EVERYWHERE
def test_one_that_does_not_say_its_kind_is_named(names_of: NamesOf, template: Path) -> None:
    replace(template, "    Metadata:\n      Consumer: {Kind: newest, View: !Ref FlagOverdueTable}\n", "")

    with pytest.raises(TemplateError, match=f"{FUNCTION} reads a stream and does not say what kind of consumer it is"):
        names_of(template)


@EVERYWHERE
def test_one_whose_condition_the_parameters_do_not_meet_is_named(names_of: NamesOf, template: Path) -> None:
    replace(template, "    Metadata:\n", "    Condition: Gradually\n    Metadata:\n")

    with pytest.raises(
        TemplateError, match=f"{FUNCTION} .* its condition Gradually does not hold.* PARAMETERS in tools/"
    ):
        names_of(template)


@EVERYWHERE
def test_one_with_a_mapping_that_is_no_event_is_named(names_of: NamesOf, template: Path) -> None:
    text = template.read_text()
    template.write_text(text.replace(f"  {FUNCTION}:\n", f"{MAPPING}\n  {FUNCTION}:\n"))

    with pytest.raises(
        TemplateError, match=r"OverdueMapping maps a stream .* write the mapping into the `Events` of the"
    ):
        names_of(template)
