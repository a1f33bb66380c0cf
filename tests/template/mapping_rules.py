"""House rules for event source mappings and their queues, beyond what tools/mapping_lint asks of any template."""

from collections.abc import Iterable

from template.rule import Rule
from template.template import QUEUE, STREAM, TABLE, Template, target

STREAM_SETTINGS = frozenset({
    "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "ParallelizationFactor",
    "StartingPosition", "TumblingWindowInSeconds",
})  # fmt: skip
QUEUE_SETTINGS = frozenset({
    "BatchSize", "Enabled", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "ScalingConfig",
})  # fmt: skip
TABLE_STREAM_HOURS = 24
LONGEST_QUEUE_RETENTION = 14 * 24 * 3600
ENDLESS = -1


def unspoken_settings(template: Template) -> Iterable[str]:
    expected = [(mapping, STREAM_SETTINGS) for mapping in template.stream_mappings()]
    expected += [(mapping, QUEUE_SETTINGS) for mapping in template.mappings(QUEUE)]
    for (name, properties, _), settings in expected:
        for setting in sorted(settings - properties.keys()):
            yield f"{name} does not say its {setting}"


def ages_near_the_trim_horizon(template: Template) -> Iterable[str]:
    for name, properties, source in template.stream_mappings():
        hours = template.least(template.named(source).get("RetentionPeriodHours", TABLE_STREAM_HOURS))
        age = properties.get("MaximumRecordAgeInSeconds", ENDLESS)
        if age == ENDLESS or age * 2 > hours * 3600:
            yield f"{name} keeps records to an age of {age} s, more than half of the {hours} h that {source} keeps them"


def short_lived_queues(template: Template) -> Iterable[str]:
    for name, properties in template.properties(QUEUE):
        if properties.get("MessageRetentionPeriod") != LONGEST_QUEUE_RETENTION:
            yield f"{name} keeps its messages for less than 14 days"


def changes_missed_at_the_start(template: Template) -> Iterable[str]:
    for name, properties, _ in template.stream_mappings():
        if properties.get("StartingPosition") != "TRIM_HORIZON":
            yield f"{name} starts at {properties.get('StartingPosition')}"


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
