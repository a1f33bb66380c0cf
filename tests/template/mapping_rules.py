"""House rules for event source mappings and their queues, beyond what tools/mapping_lint asks of any template."""

from collections.abc import Iterable

from mapping_lint.mappings import ENDLESS, retention_hours
from mapping_lint.references import target
from mapping_lint.template import QUEUE, STREAM, TABLE, Template
from template.application import reading
from template.rule import Rule

STREAM_SETTINGS = frozenset({
    "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "ParallelizationFactor",
    "MetricsConfig", "StartingPosition", "TumblingWindowInSeconds",
})  # fmt: skip
QUEUE_SETTINGS = frozenset({
    "BatchSize", "Enabled", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "MetricsConfig", "ScalingConfig",
})  # fmt: skip
LONGEST_QUEUE_RETENTION = 14 * 24 * 3600


def unspoken_settings(template: Template) -> Iterable[str]:
    expected = [(mapping, STREAM_SETTINGS) for mapping in reading(template, TABLE, STREAM)]
    expected += [(mapping, QUEUE_SETTINGS) for mapping in reading(template, QUEUE)]
    for mapping, settings in expected:
        for setting in sorted(settings - mapping.properties.keys()):
            yield f"{mapping.name} does not say its {setting}"


def ages_near_the_trim_horizon(template: Template) -> Iterable[str]:
    for name, properties, source, _ in reading(template, TABLE, STREAM):
        hours = retention_hours(template, source) or 0
        age = properties.get("MaximumRecordAgeInSeconds", ENDLESS)
        if age == ENDLESS or age * 2 > hours * 3600:
            yield f"{name} keeps records to an age of {age} s, more than half of the {hours} h that {source} keeps them"


def short_lived_queues(template: Template) -> Iterable[str]:
    for name, properties in template.properties(QUEUE):
        if properties.get("MessageRetentionPeriod") != LONGEST_QUEUE_RETENTION:
            yield f"{name} keeps its messages for less than 14 days"


def changes_missed_at_the_start(template: Template) -> Iterable[str]:
    for mapping in reading(template, TABLE, STREAM):
        position = mapping.properties.get("StartingPosition")
        if position != "TRIM_HORIZON":
            yield f"{mapping.name} starts at {position}"


def coarse_positions(template: Template) -> Iterable[str]:
    for name, properties in template.properties(TABLE):
        capture = properties.get("KinesisStreamSpecification")
        if capture and capture.get("ApproximateCreationDateTimePrecision") != "MICROSECOND":
            yield f"{name} is captured into {target(capture['StreamArn']) or STREAM} in milliseconds"


MAPPING_RULES = (
    Rule("mappings-spell-out-every-setting", "a default that AWS changes, or that a reader guesses", unspoken_settings),
    Rule("ages-leave-time-to-refetch", "what is discarded by age is trimmed by then", ages_near_the_trim_horizon),
    Rule("queues-keep-for-14-days", "a message ends before a person has seen it", short_lived_queues),
    Rule("mappings-start-at-the-horizon", "LATEST misses what is written meanwhile", changes_missed_at_the_start),
    Rule("captured-changes-are-ordered", "two changes within a millisecond tie", coarse_positions),
)
