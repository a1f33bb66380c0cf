"""A template as CloudFormation gets it, after the SAM transform, with the look-ups that rules need."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mapping_lint.references import listed, target
from mapping_lint.sam import deployed
from sam_templates.document import read
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded

MAPPING = "AWS::Lambda::EventSourceMapping"
FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
LAYER = "AWS::Lambda::LayerVersion"
QUEUE = "AWS::SQS::Queue"
STREAM = "AWS::Kinesis::Stream"
CONSUMER = "AWS::Kinesis::StreamConsumer"
SUBSCRIPTION = "AWS::SNS::Subscription"
TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
ALARM = "AWS::CloudWatch::Alarm"
ROLE = "AWS::IAM::Role"
POLICY = "AWS::IAM::Policy"
ROLE_POLICY = "AWS::IAM::RolePolicy"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

EXCEPTIONS = "mapping-lint"
"""Under ``Metadata`` of a resource: ``{rule: reason}`` for every rule that it need not keep."""

OF_ANOTHER_KIND = frozenset({"SelfManagedEventSource", "Topics", "Queues", "DocumentDBEventSourceConfig"})
"""What mappings have that read neither a table's stream, nor Kinesis, nor a queue of SQS: Kafka, MQ, DocumentDB."""

NOT_OURS = frozenset({"node_modules", "site-packages", "vendor", "__pycache__"})
CODE = frozenset({".py", ".js", ".mjs", ".cjs", ".ts", ".java", ".kt", ".go", ".cs", ".rb", ".rs"})

type Json = dict[str, Any]


class Mapping(NamedTuple):
    """A mapping, what it reads and what it invokes, where these are resources of the template."""

    name: str
    properties: Json
    source: str | None
    function: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """``written`` is the document as its author wrote it, loops expanded; ``deployed`` is what is deployed of it."""

    written: Json
    deployed: Json
    folder: Path = field(default=Path())

    @classmethod
    def of(cls, written: Any, folder: Path = Path()) -> "Template":
        """Transform a document whose code lies beside it in ``folder``. Raise ``TemplateError``."""
        if not isinstance(written, dict) or not isinstance(written.get("Resources"), dict):
            raise TemplateError("a template needs a Resources section")
        written = expanded(written)
        return cls(written, deployed(written), folder)

    @classmethod
    def load(cls, path: Path) -> "Template":
        """Read a file, YAML or JSON. Raise ``TemplateError``."""
        return cls.of(read(path), path.parent)

    def named(self, logical_id: str) -> Json:
        """The properties of a resource."""
        properties: Json = self.deployed["Resources"][logical_id].get("Properties", {})
        return properties

    def type_of(self, logical_id: str | None) -> str | None:
        """The type of a resource, ``None`` for what is none of the template's."""
        resource = self.deployed["Resources"].get(logical_id)
        return str(resource["Type"]) if resource else None

    def of_type(self, *types: str) -> Iterator[tuple[str, Json]]:
        """The resources of some types, as (logical id, resource)."""
        for logical_id, resource in self.deployed["Resources"].items():
            if resource["Type"] in types:
                yield logical_id, resource

    def properties(self, type_: str) -> Iterator[tuple[str, Json]]:
        """The resources of a type, as (logical id, properties)."""
        for logical_id, resource in self.of_type(type_):
            yield logical_id, resource.get("Properties", {})

    def mappings(self) -> Iterator[Mapping]:
        """Every mapping that reads a stream or a queue of SQS."""
        for name, properties in self.properties(MAPPING):
            if OF_ANOTHER_KIND & properties.keys():
                continue
            yield Mapping(name, properties, self._source(properties), self._function(properties.get("FunctionName")))

    def stream_mappings(self) -> Iterator[Mapping]:
        """Those that read a table's stream or a Kinesis stream, also one that the template does not have."""
        for mapping in self.mappings():
            if "StartingPosition" in mapping.properties:
                yield mapping

    def number(self, value: Any, *, least: bool = False) -> int | None:
        """A literal, or what a parameter stands for: by default, or at the ``least``. ``None`` if nobody can tell."""
        parameter = self.written.get("Parameters", {}).get(target(value) or "")
        if parameter:
            value = parameter.get("MinValue", parameter.get("Default")) if least else parameter.get("Default")
        try:
            return int(value)
        except (TypeError, ValueError):
            return None

    def role_of(self, function: str | None) -> str | None:
        """The role of a function, if the template has it."""
        role = target(self.named(function).get("Role")) if function else None
        return role if self.type_of(role) else None

    def says(self, function: str | None, *words: str) -> bool | None:
        """Whether the code of a function or a layer has one of some words, in any case; ``None`` if it is not here."""
        folders = [self._folder_of(function, "CodeUri")]
        folders += [self._folder_of(name, "ContentUri") for name, _ in self.properties(LAYER)]
        if folders[0] is None:
            return None
        texts = (path.read_text(errors="replace").lower() for folder in folders if folder for path in _code(folder))
        return any(word.lower() in text for text in texts for word in words)

    def excusing(self) -> Iterator[tuple[str, Json]]:
        """What resources say of rules that they need not keep; a mapping is excused by its function's resource too."""
        for name, resource in self.written["Resources"].items():
            if isinstance(resource, dict) and (excuses := (resource.get("Metadata") or {}).get(EXCEPTIONS)):
                yield name, excuses
                for mapping in self.mappings():
                    if mapping.function == name:
                        yield mapping.name, excuses

    def _source(self, properties: Json) -> str | None:
        """Of a stream's consumer, the stream; of a choice, the first that is there."""
        for branch in listed(properties.get("EventSourceArn")):
            found = target(branch)
            if self.type_of(found) == CONSUMER and found:
                found = target(self.named(found).get("StreamARN"))
            if self.type_of(found):
                return found
        return None

    def _function(self, value: Any) -> str | None:
        found = target(value)
        if self.type_of(found) == ALIAS and found:
            found = target(self.named(found).get("FunctionName"))
        return found if self.type_of(found) == FUNCTION else None

    def _folder_of(self, name: str | None, attribute: str) -> Path | None:
        # A layer's version has a name of its own, with a hash at its end.
        written = next((each for each in self.written["Resources"] if name and name.startswith(each)), "")
        properties = self.written["Resources"].get(written, {}).get("Properties", {})
        shared = (self.written.get("Globals") or {}).get("Function") or {}
        uri = properties.get(attribute, shared.get(attribute) if written else None)
        folder = self.folder / uri if isinstance(uri, str) and "://" not in uri else None
        return folder if folder and folder.is_dir() else None


def _code(folder: Path) -> Iterator[Path]:
    """The files of a folder that are code, but for those of packages that others wrote."""
    for path in folder.rglob("*"):
        if path.suffix in CODE and path.is_file() and NOT_OURS.isdisjoint(path.relative_to(folder).parts):
            yield path
