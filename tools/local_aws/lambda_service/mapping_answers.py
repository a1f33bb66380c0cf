"""Event source mappings as the API tells of them.

https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
"""

from typing import Any

from event_source_mapping.settings import SourceKind
from local_aws.lambda_service.hosted_mapping import HostedMapping

type Document = dict[str, Any]


def described(mapping: HostedMapping, arn: str) -> Document:
    """Return a mapping's configuration, state and last result; `arn` is its own."""
    return {
        "UUID": mapping.uuid,
        "EventSourceMappingArn": arn,
        "FunctionArn": mapping.function.arn,
        "State": mapping.state,
        "LastModified": mapping.last_modified,
        **_course(mapping),
        **mapping.settings.to_configuration(),
    }


def _course(mapping: HostedMapping) -> Document:
    """How it came to its state and what became of its last batch, of which a queue's mapping tells nothing."""
    if mapping.settings.kind is SourceKind.SQS:
        return {"StateTransitionReason": "USER_INITIATED"}
    return {"StateTransitionReason": "User action", "LastProcessingResult": mapping.last_processing_result}


def already_exists(source_arn: str, function: str, existing: HostedMapping) -> str:
    """Return why there is no second mapping from a source to a function."""
    pair = f'arn (" {source_arn} ") and function (" {function} ")'
    of_queue = existing.settings.kind is SourceKind.SQS
    refused = f"An event source mapping with SQS {pair}" if of_queue else f"The event source {pair} provided mapping"
    return f"{refused} already exists. Please update or delete the existing mapping with UUID {existing.uuid}"
