"""A SAM template as written and as CloudFormation gets it, with the look-ups that the rules need."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
REGION = boto3.Session(region_name="eu-west-1")
"""The transform wants to know a region; the template is the same in all of them."""

MAPPING = "AWS::Lambda::EventSourceMapping"
FUNCTION = "AWS::Lambda::Function"
VERSION = "AWS::Lambda::Version"
ALIAS = "AWS::Lambda::Alias"
QUEUE = "AWS::SQS::Queue"
STREAM = "AWS::Kinesis::Stream"
CONSUMER = "AWS::Kinesis::StreamConsumer"
SUBSCRIPTION = "AWS::SNS::Subscription"
TABLE = "AWS::DynamoDB::Table"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
ALARM = "AWS::CloudWatch::Alarm"
LOG_GROUP = "AWS::Logs::LogGroup"
ROLE = "AWS::IAM::Role"

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """``written`` is the document as it stands in its file, ``deployed`` what the SAM transform makes of it."""

    written: Json
    deployed: Json

    @classmethod
    def of(cls, written: Json, **parameters: str) -> "Template":
        source = copy.deepcopy(written)
        source.setdefault("Transform", "AWS::Serverless-2016-10-31")
        for resource in source["Resources"].values():
            # the transform refuses paths: `sam package` puts code into a bucket first
            for name in ("CodeUri", "ContentUri"):
                if name in resource.get("Properties", {}):
                    resource["Properties"][name] = "s3://bucket/key"
        return cls(written, Translator({}, Parser(), boto_session=REGION).translate(source, parameters))

    @classmethod
    @cache
    def load(cls, path: Path = ROOT / "template.yaml", **parameters: str) -> "Template":
        """Read a template, and transform it with some parameters beside their defaults: once for all who ask."""
        return cls.of(yaml_parse(path.read_text()), **parameters)

    def of_type(self, *types: str) -> Iterator[tuple[str, Json]]:
        """The deployed resources of some types, each as (logical id, resource)."""
        for logical_id, resource in self.deployed["Resources"].items():
            if resource["Type"] in types:
                yield logical_id, resource

    def properties(self, type_: str) -> Iterator[tuple[str, Json]]:
        for logical_id, resource in self.of_type(type_):
            yield logical_id, resource.get("Properties", {})

    def mappings(self, source_type: str) -> Iterator[tuple[str, Json, str]]:
        """The mappings that read a table, stream or queue: (logical id, properties, logical id of the source)."""
        for logical_id, properties in self.properties(MAPPING):
            source = self.source(properties["EventSourceArn"])
            if source and self.deployed["Resources"][source]["Type"] == source_type:
                yield logical_id, properties, source

    def stream_mappings(self) -> Iterator[tuple[str, Json, str]]:
        yield from self.mappings(TABLE)
        yield from self.mappings(STREAM)

    def source(self, value: Any) -> str | None:
        """The table, stream or queue that a mapping reads; of a stream's consumer, the stream."""
        sources = set()
        for branch in listed(value):
            resource = self.deployed["Resources"].get(target(branch), {})
            of_consumer = resource.get("Type") == CONSUMER
            sources.add(target(resource["Properties"]["StreamARN"] if of_consumer else branch))
        if len(sources) > 1:
            raise ValueError(f"a mapping reads one of {sources}, and its settings can fit one of them only")
        return sources.pop()

    def function(self, value: Any) -> str:
        """The function that something invokes: the one named, or that of the alias named."""
        name = target(value) or ""
        alias = self.deployed["Resources"].get(name, {})
        return target(alias["Properties"]["FunctionName"]) or name if alias.get("Type") == ALIAS else name

    def named(self, logical_id: str) -> Json:
        properties: Json = self.deployed["Resources"][logical_id].get("Properties", {})
        return properties

    def least(self, value: Any) -> Any:
        """A literal, or the smallest value of the parameter that it refers to."""
        parameter = self.written.get("Parameters", {}).get(target(value) or "")
        return parameter["MinValue"] if parameter else value


def target(value: Any) -> str | None:
    """The logical id that a ``Ref`` or ``Fn::GetAtt`` points to."""
    match value:
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
            return logical_id
    return None


def references(value: Any) -> Iterator[str]:
    """Every ``Ref`` anywhere in a document."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def listed(value: Any) -> list[Any]:
    """IAM's habit: one thing may stand without its list. Of a choice, everything that may be chosen."""
    found: list[Any] = []
    for each in value if isinstance(value, list) else [value]:
        match each:
            case {"Fn::If": [_, *branches]}:
                found += listed([branch for branch in branches if branch != {"Ref": "AWS::NoValue"}])
            case _:
                found.append(each)
    return found
