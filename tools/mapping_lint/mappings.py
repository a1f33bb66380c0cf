"""Rules for the settings of a mapping."""

from collections.abc import Iterable

from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import GLOBAL_TABLE, TABLE, Template

TABLE_STREAM_HOURS = 24
LEAST_KINESIS_HOURS = 24
"""What a Kinesis stream keeps, if its template does not say (API, CreateStream)."""

RECOVERY_SECONDS = 6 * 3600
"""What recovery is given to refetch what was given up by age: an on-call engineer's night."""

ENDLESS = -1
READERS = {TABLE: 2, GLOBAL_TABLE: 1}
"""Readers that a shard of a table's stream bears (DynamoDB Developer Guide, "Service quotas")."""

ANSWERING = (
    "batchItemFailures",
    "partialResponse",
    "partial_response",
    "batchResponse",
    "eventResponse",
    "BatchProcessor",
)
"""What code that gives partial batch responses has in it: by hand, by Powertools, or by the types of the events."""

GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
TABLE_QUOTAS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"


def endless_attempts(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        if template.number(mapping.properties.get("MaximumRetryAttempts", ENDLESS)) == ENDLESS:
            yield Complaint(mapping.name, "retries a failing batch until its records expire")


def ages_beyond_recovery(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        kept = retention_hours(template, mapping.source)
        age = template.number(mapping.properties.get("MaximumRecordAgeInSeconds", ENDLESS))
        if kept is None or age is None:
            continue
        if age == ENDLESS or age + RECOVERY_SECONDS > kept * 3600:
            lasts = "for ever" if age == ENDLESS else f"to an age of {age} s"
            yield Complaint(mapping.name, f"keeps trying records {lasts}, which are refetched for {kept} h at the most")


def retention_hours(template: Template, source: str | None) -> int | None:
    """Return for how long a stream keeps its records, at the least; ``None`` if the template does not tell."""
    if source is None:
        return None
    if template.type_of(source) in READERS:
        return TABLE_STREAM_HOURS
    return template.number(template.named(source).get("RetentionPeriodHours", LEAST_KINESIS_HOURS), least=True)


def unbisected_batches(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        if mapping.properties.get("BisectBatchOnFunctionError") in (None, False, "false"):
            yield Complaint(mapping.name, "does not bisect: a record that crashes the function takes others along")


def whole_batches(template: Template) -> Iterable[Complaint]:
    for mapping in template.mappings():
        if mapping.properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield Complaint(mapping.name, "asks for no partial batch responses: one bad record fails its whole batch")


def deaf_functions(template: Template) -> Iterable[Complaint]:
    for mapping in template.mappings():
        asked = mapping.properties.get("FunctionResponseTypes") == ["ReportBatchItemFailures"]
        if asked and template.says(mapping.function, *ANSWERING) is False:
            yield Complaint(
                mapping.name, f"asks {mapping.function} for partial batch responses, and its code never gives one"
            )


def crowded_table_streams(template: Template) -> Iterable[Complaint]:
    sources = [mapping.source for mapping in template.stream_mappings()]
    for table in filter(None, dict.fromkeys(sources)):
        borne = READERS.get(template.type_of(table) or "")
        if borne and sources.count(table) > borne:
            readers = "two readers" if borne > 1 else "one reader"
            yield Complaint(table, f"has {sources.count(table)} mappings on its stream, which bears {readers}")


RULES = (
    Rule(
        "attempts-are-bounded",
        "one poison record stops its shard until it expires, and everything behind it",
        f"{GUIDE}/services-dynamodb-errors.html",
        endless_attempts,
    ),
    Rule(
        "ages-leave-time-to-recover",
        "what is given up by age is trimmed from its stream before anybody can refetch it",
        f"{GUIDE}/services-ddb-params.html",
        ages_beyond_recovery,
    ),
    Rule(
        "batches-are-bisected",
        "a record that crashes the function takes its batch-mates along",
        f"{GUIDE}/services-dynamodb-errors.html",
        unbisected_batches,
    ),
    Rule(
        "failures-are-reported-in-part",
        "good records are delivered again, and given up, with a bad one",
        f"{GUIDE}/services-ddb-batchfailurereporting.html",
        whole_batches,
    ),
    Rule(
        "partial-responses-are-given",
        "a function that answers with nothing has applied everything, as Lambda sees it",
        f"{GUIDE}/services-ddb-batchfailurereporting.html",
        deaf_functions,
    ),
    Rule(
        "table-streams-have-two-readers",
        "a third reader has the others throttled",
        TABLE_QUOTAS,
        crowded_table_streams,
    ),
)
