"""The dependencies that refuse for a while, each while its consumer is at work."""

from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep

from demo.chronicle import Chronicle
from demo.runtime import ServedStack

TABLES = {
    "TaskCountsTableName": "TransactWriteItems",
    "TaskHistoryTableName": "BatchWriteItem",
    "ReplicaTableName": "PutItem",
    "TaskMeasuresTableName": "BatchWriteItem",
    "LicencesTableName": "PutItem",
}
"""On which table which operation is refused."""

SEARCH = {"Bulk": "", "BulkItem": "/7"}
"""Which operation is refused on what follows the name of the search index: whole requests for the first half of the
outage, afterwards those documents whose ids begin so."""

LASTING = {
    "ArchiveTasks": ("dynamodb", "BatchWriteItem", "ArchivedTasksTableName"),
    "AnnounceChanges": ("sns", "Publish", "TaskTransitionsTopicArn"),
}
"""Until the mapping of which function gives good records up, which operation of which service is refused, on what."""

SLICE_SECONDS = 2.0
LONGEST_SECONDS = 60.0


class Outages:
    """Refusals of so many seconds; those that last are longer, until a mapping gives good records up."""

    def __init__(self, stack: ServedStack, chronicle: Chronicle, seconds: float) -> None:
        self._stack = stack
        self._chronicle = chronicle
        self._seconds = seconds

    def __str__(self) -> str:
        return (
            "TaskCountsTable refuses transactions, TaskHistoryTable, ReplicaTable, TaskMeasuresTable and LicencesTable "
            f"writes, the search index bulk requests, then single documents, for {self._seconds:g} s; "
            "ArchivedTasksTable and TaskTransitionsTopic refuse until their mappings give up"
        )

    def start(self) -> None:
        """Begin each when its time has come, without waiting for it."""
        Thread(target=self._break_once_at_work, name="outages", daemon=True).start()
        for consumer in LASTING:
            Thread(target=self._break_for_long, args=[consumer], name=f"outage of {consumer}", daemon=True).start()

    def _break_once_at_work(self) -> None:
        """Wait until a consumer has shown that it works, so that the outages meet it at work."""
        function = self._stack.outputs["CountTasksFunctionName"]
        while not self._chronicle.records[function]:
            sleep(0.1)
        for table, operation in TABLES.items():
            self._stack.refuse(
                service="dynamodb",
                operation=operation,
                resource=self._stack.outputs[table],
                error="ProvisionedThroughputExceededException",
                status=400,
                message="the table is overloaded",
                seconds=self._seconds,
            )
        for number, (operation, suffix) in enumerate(SEARCH.items(), start=1):
            self._stack.refuse(
                service="es",
                operation=operation,
                resource=self._stack.outputs["SearchIndexName"] + suffix,
                error="rejected_execution_exception",
                status=429,
                message="the queue is full",
                seconds=self._seconds * number / len(SEARCH),
            )

    def _break_for_long(self, consumer: str) -> None:
        """From the start, so that the first good records that a consumer has to do something for are given up."""
        function = self._stack.outputs[f"{consumer}FunctionName"]
        service, operation, output = LASTING[consumer]
        self._refuse_until(
            lambda: self._chronicle.given_up[function] > 0, service, operation, self._stack.outputs[output]
        )

    def _refuse_until(self, given_up: Callable[[], bool], service: str, operation: str, resource: str) -> None:
        """In slices, to end soon after."""
        began = monotonic()
        while monotonic() - began < LONGEST_SECONDS and not given_up():
            self._stack.refuse(
                service=service,
                operation=operation,
                resource=resource,
                error="ThrottlingException",
                status=400,
                message="rate exceeded",
                seconds=SLICE_SECONDS,
            )
            sleep(SLICE_SECONDS / 2)
