"""AWS in memory beside the served endpoint."""

from uuid import uuid4

import pytest

from conftest import ClientOf
from simulation.memory_aws import MemoryAws

from .memory_and_served import KEYS, Both

MIDNIGHT = 1_767_225_600.0


@pytest.fixture
def memory() -> MemoryAws:
    """Services whose clock stands still."""
    return MemoryAws(lambda: MIDNIGHT)


@pytest.fixture
def both(memory: MemoryAws, client_of: ClientOf) -> Both:
    """Tables of two text keys with a stream of old and new images."""
    name = f"table-{uuid4()}"
    pair = Both(memory.client("dynamodb"), client_of("dynamodb"), name)
    for client in (pair.memory, pair.served):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(KEYS, ("HASH", "RANGE"), strict=True)
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
    return pair
