"""DynamoDB of one region, as its client sees it."""

from collections.abc import Callable

from simulation.memory_aws.client import Operation
from simulation.memory_aws.dynamodb.batches import BatchCalls
from simulation.memory_aws.dynamodb.items import ItemCalls
from simulation.memory_aws.dynamodb.queries import QueryCalls
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.transactions import TransactionCalls


class DynamoDb:
    """``tables`` is for whoever sets the stage: streams, listeners of changes, times to live."""

    reentrant = False

    def __init__(self, account: str, region: str, now: Callable[[], float]) -> None:
        self.tables = tables = Tables(account, region, now)
        items, batches, queries = ItemCalls(tables), BatchCalls(tables), QueryCalls(tables)
        self.operations: dict[str, Operation] = {
            "create_table": tables.create_table,
            "update_table": tables.update_table,
            "describe_table": tables.describe_table,
            "delete_table": tables.delete_table,
            "update_time_to_live": tables.update_time_to_live,
            "get_item": items.get_item,
            "put_item": items.put_item,
            "update_item": items.update_item,
            "delete_item": items.delete_item,
            "batch_get_item": batches.batch_get_item,
            "batch_write_item": batches.batch_write_item,
            "transact_write_items": TransactionCalls(tables, now).transact_write_items,
            "query": queries.query,
            "scan": queries.scan,
        }
