"""Every consumer of the template is held to the contract, and its stream carries what it needs."""

from importlib import import_module

from consumers.kinds import Kind
from consumers.reading import consumers
from contracts.conftest import ADAPTERS
from contracts.consumer import Consumer
from mapping_lint.template import TABLE
from template.application import application, reading

TEMPLATE = application()
WITH_SEARCH = {"SearchEndpoint": "https://search.test", "SearchDomainName": "search"}
KINDS = {each.name: each.kind for each in consumers(TEMPLATE.written, WITH_SEARCH)}


def adapter_of(name: str) -> type[Consumer]:
    adapter: type[Consumer] = import_module(f"contracts.consumers.{name}").Adapter
    return adapter


def folder(function: str | None) -> str:
    service: str = TEMPLATE.named(function or "")["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    return service


def kind_of(consumer: Consumer | type[Consumer]) -> Kind:
    return KINDS[consumer.function.__name__.split(".")[1]]


def test_the_adapters_hold_consumers_of_every_kind() -> None:
    assert {kind_of(adapter_of(name)) for name in ADAPTERS} == set(Kind)


def test_every_function_that_a_stream_is_mapped_to_has_an_adapter() -> None:
    mapped = {
        (folder(mapping.function), bool(mapping.properties["TumblingWindowInSeconds"]))
        for mapping in TEMPLATE.stream_mappings()
    }
    held = {(adapter.function.__name__.split(".")[1], adapter.in_windows) for adapter in map(adapter_of, ADAPTERS)}

    assert {name for name, _ in mapped} == {name for name, _ in held}
    assert mapped <= held


def test_the_stream_of_a_table_has_a_view_type_that_suits_every_function_mapped_to_it() -> None:
    needs = {
        folder(mapping.function): TEMPLATE.named(mapping.source or "")["StreamSpecification"]["StreamViewType"]
        for mapping in reading(TEMPLATE, TABLE)
    }

    unsuited = [name for name, found in needs.items() if found not in import_module(f"functions.{name}.app").VIEW_TYPES]

    assert needs
    assert unsuited == []
