"""Every consumer of the template is held to the contract, and its stream carries what it needs."""

from importlib import import_module

from contracts.conftest import ADAPTERS
from contracts.consumer import Consumer
from template.template import TABLE, Template

TEMPLATE = Template.load()


def adapter_of(name: str) -> type[Consumer]:
    adapter: type[Consumer] = import_module(f"contracts.consumers.{name}").Adapter
    return adapter


def folder(function_arn: object) -> str:
    service: str = TEMPLATE.named(TEMPLATE.function(function_arn))["Environment"]["Variables"][
        "POWERTOOLS_SERVICE_NAME"
    ]
    return service


def test_every_function_that_a_stream_is_mapped_to_has_an_adapter() -> None:
    mapped = {
        (folder(mapping["FunctionName"]), bool(mapping["TumblingWindowInSeconds"]))
        for _, mapping, _ in TEMPLATE.stream_mappings()
    }
    held = {(adapter.function.__name__.split(".")[1], adapter.in_windows) for adapter in map(adapter_of, ADAPTERS)}

    assert {name for name, _ in mapped} == {name for name, _ in held}
    assert mapped <= held


def test_the_stream_of_a_table_has_a_view_type_that_suits_every_function_mapped_to_it() -> None:
    needs = {
        folder(mapping["FunctionName"]): TEMPLATE.named(table)["StreamSpecification"]["StreamViewType"]
        for _, mapping, table in TEMPLATE.mappings(TABLE)
    }

    unsuited = [name for name, found in needs.items() if found not in import_module(f"functions.{name}.app").VIEW_TYPES]

    assert needs
    assert unsuited == []
