"""The consumers of a deployed stack, as its template describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.kinds import Feed, Kind
from consumers.reading import Consumer, consumers
from sam_templates.document import Document, parse
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded
from streamctl.exits import Exit, Trouble
from streamctl.functions import folder_of
from streamctl.stack import Stack


@dataclass(frozen=True, slots=True)
class DeployedConsumer:
    """A consumer of the stack.

    ``name`` is the name of its folder, ``short_name`` what ``status`` prints, ``function_name`` the function's physical
    name. ``view`` is the physical name of the table with its rows, or ``None`` for a search ``index``. ``region`` is
    that of the table, or ``None`` for the stack's own. ``row`` has the patterns of the key of a change's row, empty
    if the row has the key of the item. ``key_names`` are the keys of the view, the partition key first; empty if the
    template does not have the view. ``filters`` are the patterns of the mapping's filter.
    """

    name: str
    short_name: str
    function_name: str
    kind: Kind
    feed: Feed
    view: str | None
    index: str | None
    region: str | None
    row: Mapping[str, str]
    key_names: tuple[str, ...]
    filters: tuple[str, ...]


def consumers_of(stack: Stack) -> list[DeployedConsumer]:
    """Return the consumers of a stack, in the order of its template. Raise ``Trouble`` if the template has none."""
    try:
        document = expanded(_document(stack), stack.parameters)
        found = consumers(document, stack.parameters)
    except TemplateError as error:
        hint = "Deploy the stack again: the functions of its template need `Metadata: Consumer` (docs/your-own.md)."
        raise Trouble(Exit.MISSING, f"the consumers of {stack.name} cannot be read: {error}", hint) from error
    return [_deployed(stack, document, each) for each in found if each.function in stack.resources]


def _document(stack: Stack) -> Document:
    answer = stack.client("cloudformation").get_template(StackName=stack.name, TemplateStage="Original")
    body: Any = answer["TemplateBody"]  # botocore reads JSON, and leaves YAML as it is
    return parse(body, stack.name) if isinstance(body, str) else dict(body)


def _deployed(stack: Stack, document: Document, consumer: Consumer) -> DeployedConsumer:
    short_name = consumer.function.removesuffix("Function")
    view = consumer.view
    return DeployedConsumer(
        name=folder_of(short_name),
        short_name=short_name,
        function_name=stack.resources[consumer.function],
        kind=consumer.kind,
        feed=consumer.feed,
        view=None if view is None else stack.resources.get(view, view),
        index=consumer.index,
        region=consumer.region or None,
        row=consumer.row,
        key_names=_key_names(document, view),
        filters=tuple(consumer.filters),
    )


def _key_names(document: Document, view: str | None) -> tuple[str, ...]:
    """Return the keys of a table of the template, the partition key first."""
    schema = ((document["Resources"].get(view) or {}).get("Properties") or {}).get("KeySchema") or []
    ordered = sorted(schema, key=lambda key: key["KeyType"] != "HASH")
    return tuple(str(key["AttributeName"]) for key in ordered)
