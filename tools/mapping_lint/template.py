"""A template as CloudFormation gets it, after the SAM transform, with the look-ups that rules need."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from mapping_lint.references import listed, mentions, target

MAPPING = "AWS::Lambda::EventSourceMapping"
FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
LAYER = "AWS::Lambda::LayerVersion"
QUEUE = "AWS::SQS::Queue"
STREAM = "AWS::Kinesis::Stream"
CONSUMER = "AWS::Kinesis::StreamConsumer"
SUBSCRIPTION = "AWS::SNS::Subscription"
TABLE = "AWS::DynamoDB::Table"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
ALARM = "AWS::CloudWatch::Alarm"
POLICY = "AWS::IAM::Policy"

SERVERLESS = "AWS::Serverless-2016-10-31"
EXCEPTIONS = "mapping-lint"
"""Under ``Metadata`` of a resource: ``{rule: reason}`` for every rule that it need not keep."""

CODE = frozenset({".py", ".js", ".mjs", ".cjs", ".ts", ".java", ".kt", ".go", ".cs", ".rb", ".rs"})

type Json = dict[str, Any]


class TemplateUnreadable(Exception):
    """The file is no template, or one that the SAM transform refuses: the message says what to mend."""


class Mapping(NamedTuple):
    """A mapping, what it reads and what it invokes, where these are resources of the template."""

    name: str
    properties: Json
    source: str | None
    function: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """``written`` is the document as it stands in its file, ``deployed`` what the SAM transform makes of it."""

    written: Json
    deployed: Json
    folder: Path = field(default=Path())

    @classmethod
    def of(cls, written: Any, folder: Path = Path()) -> "Template":
        """Transform a document whose code lies beside it in ``folder``."""
        if not isinstance(written, dict) or not isinstance(written.get("Resources"), dict):
            raise TemplateUnreadable("a template has Resources")
        source = copy.deepcopy(written)
        transforms = listed(source.get("Transform", []))
        if SERVERLESS not in transforms:
            return cls(written, source, folder)
        for resource in source["Resources"].values():
            # the transform refuses paths: `sam package` puts code into a bucket first
            for name in ("CodeUri", "ContentUri"):
                if isinstance(resource.get("Properties", {}).get(name), str):
                    resource["Properties"][name] = "s3://bucket/key"
        try:
            # It wants to know a region; the template is the same in all of them.
            session = boto3.Session(region_name="us-east-1")
            return cls(written, Translator({}, Parser(), boto_session=session).translate(source, {}), folder)
        except InvalidDocumentException as error:
            raise TemplateUnreadable("; ".join(cause.message for cause in error.causes)) from None

    @classmethod
    def load(cls, path: Path) -> "Template":
        """Read a file, YAML or JSON."""
        try:
            return cls.of(yaml_parse(path.read_text()), path.parent)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise TemplateUnreadable(str(error)) from None

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
        """Every mapping, whatever it reads."""
        for name, properties in self.properties(MAPPING):
            yield Mapping(name, properties, self._source(properties), self._function(properties.get("FunctionName")))

    def stream_mappings(self) -> Iterator[Mapping]:
        """Those that read a table's stream or a Kinesis stream, also one that the template does not have."""
        for mapping in self.mappings():
            of_another_kind = {"SelfManagedEventSource", "Topics", "DocumentDBEventSourceConfig"}
            if "StartingPosition" in mapping.properties and not of_another_kind & mapping.properties.keys():
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

    def policies_of(self, role: str) -> Iterator[Json]:
        """The policies that are attached to a role from outside."""
        for _, policy in self.properties(POLICY):
            if role in mentions(policy.get("Roles", [])):
                yield policy

    def says(self, function: str | None, *words: str) -> bool | None:
        """Whether the code of a function or a layer has one of some words; ``None`` if it is not here."""
        folders = [self._folder_of(function, "CodeUri")]
        folders += [self._folder_of(name, "ContentUri") for name, _ in self.properties(LAYER)]
        if folders[0] is None:
            return None
        texts = (path.read_text(errors="replace") for folder in folders if folder for path in _code(folder))
        return any(word in text for text in texts for word in words)

    def excusing(self) -> Iterator[tuple[str, Json]]:
        """What resources say of rules that they need not keep; a mapping is excused by its function's resource too."""
        for name, resource in self.written["Resources"].items():
            if excuses := resource.get("Metadata", {}).get(EXCEPTIONS):
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
        uri = self.written["Resources"].get(written, {}).get("Properties", {}).get(attribute)
        folder = self.folder / uri if isinstance(uri, str) and "://" not in uri else None
        return folder if folder and folder.is_dir() else None


def _code(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in CODE and path.is_file())
