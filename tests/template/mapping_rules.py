"""Rules for event source mappings, and for the queues that take what they give up."""

from collections.abc import Iterable

from template.rule import Rule
from template.template import BUCKET, QUEUE, STREAM, TABLE, Template, target

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


def endless_attempts(template: Template) -> Iterable[str]:
    for name, properties, _ in template.stream_mappings():
        if properties.get("MaximumRetryAttempts", ENDLESS) == ENDLESS:
            yield f"{name} retries until its records expire"


def ages_near_the_trim_horizon(template: Template) -> Iterable[str]:
    for name, properties, source in template.stream_mappings():
        hours = template.least(template.named(source).get("RetentionPeriodHours", TABLE_STREAM_HOURS))
        age = properties.get("MaximumRecordAgeInSeconds", ENDLESS)
        if age == ENDLESS or age * 2 > hours * 3600:
            yield f"{name} keeps records to an age of {age} s, more than half of the {hours} h that {source} keeps them"


def batch_mates_at_risk(template: Template) -> Iterable[str]:
    for name, properties, _ in template.stream_mappings():
        if not properties.get("BisectBatchOnFunctionError"):
            yield f"{name} does not bisect"
    for name, properties, _ in [*template.stream_mappings(), *template.mappings(QUEUE)]:
        if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} does not ask for partial batch responses"


def failures_that_nobody_reads(template: Template) -> Iterable[str]:
    read = {source for _, _, source in template.mappings(QUEUE)}
    read |= {bucket for bucket, queues in _told_of_new_objects(template) if queues & read}
    for name, properties, _ in template.stream_mappings():
        destination = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if target(destination) not in read:
            yield f"{name} has no on-failure destination that a function reads"


def _told_of_new_objects(template: Template) -> Iterable[tuple[str, set[str | None]]]:
    for name, bucket in template.properties(BUCKET):
        told = bucket.get("NotificationConfiguration", {}).get("QueueConfigurations", ())
        yield name, {target(each["Queue"]) for each in told if each["Event"] == "s3:ObjectCreated:*"}


def impatient_queues(template: Template) -> Iterable[str]:
    for name, properties, queue in template.mappings(QUEUE):
        function = template.named(target(properties["FunctionName"]) or "")
        needed = 6 * function["Timeout"] + properties.get("MaximumBatchingWindowInSeconds", 0)
        visibility = template.named(queue).get("VisibilityTimeout", 30)
        if visibility < needed:
            yield f"{queue} shows a message again after {visibility} s; {name} needs {needed}"


def queues_without_a_dead_letter_queue(template: Template) -> Iterable[str]:
    queues = dict(template.properties(QUEUE))
    for _, _, queue in template.mappings(QUEUE):
        dead_letters = target(queues[queue].get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        if dead_letters not in queues or dead_letters == queue:
            yield f"{queue} keeps offering a message that can never be recovered"


def short_lived_queues(template: Template) -> Iterable[str]:
    for name, properties in template.properties(QUEUE):
        if properties.get("MessageRetentionPeriod") != LONGEST_QUEUE_RETENTION:
            yield f"{name} keeps its messages for less than 14 days"


def crowded_table_streams(template: Template) -> Iterable[str]:
    sources = [source for _, _, source in template.mappings(TABLE)]
    for source in sorted(set(sources)):
        if sources.count(source) > 2:
            yield f"{sources.count(source)} mappings read the stream of {source}"


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
    Rule("attempts-are-bounded", "one poison record stops its shard for a day", endless_attempts),
    Rule("ages-leave-time-to-refetch", "what is discarded by age is trimmed by then", ages_near_the_trim_horizon),
    Rule("batch-mates-are-spared", "good records share the fate of a bad one", batch_mates_at_risk),
    Rule("failures-have-a-reader", "a queue nobody reads is a slow way to lose changes", failures_that_nobody_reads),
    Rule("queues-outwait-their-reader", "a message is recovered twice at once", impatient_queues),
    Rule("read-queues-end-somewhere", "a queue for failures needs one for its own", queues_without_a_dead_letter_queue),
    Rule("queues-keep-for-14-days", "a message ends before a person has seen it", short_lived_queues),
    Rule("table-streams-have-two-readers", "a third reader throttles the others", crowded_table_streams),
    Rule("mappings-start-at-the-horizon", "LATEST misses what is written meanwhile", changes_missed_at_the_start),
    Rule("captured-changes-are-ordered", "two changes within a millisecond tie", coarse_positions),
)
