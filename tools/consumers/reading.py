"""The consumers of a template: its functions with a mapping of a stream.

The resources say what a consumer reads and how. The function's ``Metadata`` says what they do not:

    Metadata:
      Consumer:
        Kind: newest          # newest, rows, tally, effect or window
        View: !Ref SalesTable # the table with its rows; an effect's memory of what it has done
        Row: {item: "{item}", change: "{position}"} # the key of a change's row, if it is not the key of the item

A pattern of ``Row`` may have ``{item}``, ``{position}``, ``{digest}`` and ``{identity}``. Without ``Row``, the key of
an effect's memory is ``id: FOLDER#{identity}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from string import Formatter
from typing import Any

from consumers.kinds import Feed, Kind
from sam_templates.document import Document
from sam_templates.errors import TemplateError
from sam_templates.functions import SERVERLESS_FUNCTION, Functions
from sam_templates.resolver import Resolver

METADATA = "Consumer"
_STREAMS = frozenset({"dynamodb", "kinesis"})
_TABLE = "AWS::DynamoDB::Table"
_MAPPING = "AWS::Lambda::EventSourceMapping"
_PLACES = frozenset({"item", "position", "digest", "identity"})
"""What a pattern of ``Row`` may name."""

_MEMBERS = frozenset({"Kind", "View", "Region", "Index", "Row"})


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function that a stream is mapped to.

    ``name`` is the name of its folder; ``function`` is its logical id; ``event`` the mapping's name below it.
    ``request`` is the CreateEventSourceMapping request of the mapping. ``view`` is the name of the table that the view
    is in, or ``None`` for a search index; ``region`` is empty for the region of the stack. ``row`` has the patterns of
    the key of a change's row; without any, the row has the key of the item.
    """

    name: str
    function: str
    event: str
    kind: Kind
    feed: Feed
    request: Mapping[str, Any]
    view: str | None
    region: str
    index: str | None
    row: Mapping[str, str]

    @property
    def filters(self) -> list[str]:
        """The patterns of the mapping's filter; empty if every record is delivered."""
        return [each["Pattern"] for each in (self.request.get("FilterCriteria") or {}).get("Filters", ())]

    @property
    def on_failure(self) -> str:
        """The service that the mapping sends failed batches to, as in an ARN, such as ``sqs``; empty for none."""
        destination = ((self.request.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or ""
        return "".join(destination.split(":")[2:3])


def consumers(document: Document, parameters: Mapping[str, Any] | None = None) -> list[Consumer]:
    """Return the consumers of an expanded SAM template, in the order of the template.

    Raise `TemplateError`, which says what to write where, for a consumer without a usable ``Metadata``, and for a
    mapping of a stream that is no event of a function.
    """
    resolver = Resolver(document, parameters)
    _refuse_separate_mappings(resolver)
    return [
        _consumer(resolver, name, event, request)
        for name in document["Resources"]
        if resolver.resource(name).get("Type") == SERVERLESS_FUNCTION and resolver.includes(name)
        for event, request in _stream_mappings(resolver, name)
    ]


def every_consumer(document: Document, parameters: Mapping[str, Any], place: str) -> list[Consumer]:
    """Return the consumers of an expanded SAM template, of which none may be left out.

    Raise `TemplateError` as `consumers` does, and for a consumer whose condition the parameters do not meet. ``place``
    says where the parameters are written.
    """
    resolver = Resolver(document, parameters)
    for name in document["Resources"]:
        if resolver.resource(name).get("Type") != SERVERLESS_FUNCTION or resolver.includes(name):
            continue
        if any(_stream_mappings(resolver, name)):
            condition = resolver.resource(name)["Condition"]
            raise TemplateError(
                f"{name} reads a stream and would be left out: its condition {condition} does not hold. Write "
                f"parameters for which it holds into {place}"
            )
    return consumers(document, parameters)


def _refuse_separate_mappings(resolver: Resolver) -> None:
    """Raise ``TemplateError`` for a resource that maps a stream: nothing says there what kind of consumer it is for."""
    for name in resolver.document["Resources"]:
        resource = resolver.resource(name)
        if resource.get("Type") != _MAPPING or not resolver.includes(name):
            continue
        source = str(resolver.resolve((resource.get("Properties") or {}).get("EventSourceArn") or ""))
        if source.startswith("arn:") and _service(source) in _STREAMS:
            raise TemplateError(
                f"{name} maps a stream to a function, and would be left out: write the mapping into the `Events` of "
                f"the function instead, and `Metadata: {{{METADATA}: …}}` into its resource"
            )


def _stream_mappings(resolver: Resolver, function: str) -> Iterator[tuple[str, dict[str, Any]]]:
    functions = Functions(resolver)
    for event in functions.mapped_events(function):
        request = functions.mapping_request(function, event)
        if _service(request["EventSourceArn"]) in _STREAMS:
            yield event, request


def _consumer(resolver: Resolver, function: str, event: str, request: Mapping[str, Any]) -> Consumer:
    said = _metadata(resolver, function)
    name = _name(function, Functions(resolver).property(function, "CodeUri"))
    view, index = said.get("View"), said.get("Index")
    if (view is None) == (index is None):
        raise TemplateError(f"{function}: its Metadata needs `View: !Ref TheTable`, or `Index` for a search index")
    return Consumer(
        name,
        function,
        event,
        Kind(said["Kind"]),
        _feed(resolver, request["EventSourceArn"]),
        request,
        view,
        said.get("Region") or "",
        index,
        _row(function, said, name),
    )


def _metadata(resolver: Resolver, function: str) -> dict[str, Any]:
    said = (resolver.resource(function).get("Metadata") or {}).get(METADATA)
    kinds = ", ".join(Kind)
    if not isinstance(said, dict) or said.get("Kind") not in set(Kind):
        raise TemplateError(
            f"{function} reads a stream and does not say what kind of consumer it is: write "
            f"`Metadata: {{{METADATA}: {{Kind: …, View: !Ref …}}}}` into its resource, with one of the kinds {kinds}"
        )
    if unknown := sorted(said.keys() - _MEMBERS):
        raise TemplateError(f"{function}: {METADATA} has no member {', '.join(unknown)}; it has {sorted(_MEMBERS)}")
    resolved: dict[str, Any] = resolver.resolve(said)
    return resolved


def _name(function: str, code_uri: Any) -> str:
    """Return the name of a function's folder; after `sam package`, which puts a bucket there, from the logical id."""
    if isinstance(code_uri, str) and "://" not in code_uri:
        return PurePosixPath(code_uri).name
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function.removesuffix("Function")).lower()


def _row(function: str, said: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return the patterns of the key of a change's row; empty if the row has the key of the item."""
    default = {"id": f"{name}#{{identity}}"} if said["Kind"] == Kind.EFFECT else {}
    row: Mapping[str, str] = said.get("Row") or default
    for attribute, pattern in row.items():
        named = {place for _, place, _, _ in Formatter().parse(str(pattern)) if place is not None}
        if unknown := sorted(named - _PLACES):
            places = ", ".join(f"{{{each}}}" for each in sorted(_PLACES))
            raise TemplateError(f"{function}: Row.{attribute} has {{{unknown[0]}}}; a pattern may have {places}")
    return row


def _feed(resolver: Resolver, source_arn: str) -> Feed:
    if _service(source_arn) == "dynamodb":
        return Feed.TABLE
    stream = source_arn.partition("/consumer/")[0]
    return Feed.CHANGES if stream in _captures(resolver) else Feed.OTHER


def _captures(resolver: Resolver) -> set[str]:
    """Return the ARNs of the streams that a table of the template is captured into."""
    tables = (each for each in resolver.document["Resources"].values() if each.get("Type") == _TABLE)
    specified = (each.get("Properties", {}).get("KinesisStreamSpecification") for each in tables)
    return {resolver.resolve(each["StreamArn"]) for each in specified if each}


def _service(arn: str) -> str:
    return arn.split(":")[2]
