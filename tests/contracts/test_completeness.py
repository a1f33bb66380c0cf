"""Every consumer of the template is held to the contract, and its stream carries what it needs."""

from importlib import import_module

from contracts.conftest import ADAPTERS
from mapping_lint.template import TABLE
from template.application import application, reading

TEMPLATE = application()


def folder(function: str | None) -> str:
    service: str = TEMPLATE.named(function or "")["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    return service


def test_every_function_that_a_stream_is_mapped_to_has_an_adapter() -> None:
    consumers = {folder(mapping.function) for mapping in TEMPLATE.stream_mappings()}

    assert consumers == set(ADAPTERS)


def test_the_stream_of_a_table_has_a_view_type_that_suits_every_function_mapped_to_it() -> None:
    needs = {
        folder(mapping.function): TEMPLATE.named(mapping.source or "")["StreamSpecification"]["StreamViewType"]
        for mapping in reading(TEMPLATE, TABLE)
    }

    unsuited = [name for name, found in needs.items() if found not in import_module(f"functions.{name}.app").VIEW_TYPES]

    assert needs
    assert unsuited == []
