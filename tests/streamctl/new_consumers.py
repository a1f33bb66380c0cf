"""Consumers that no stack knows: a function of the application under another name, with a view of its own."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from conftest import ROOT
from recovery_world import eventually

from .world import Deployed

Json = dict[str, Any]


class NewConsumers:
    """Makes them, and removes them with their mappings."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.client = deployed.client("lambda")
        self._functions: list[str] = []
        self._mappings: list[str] = []

    def like(self, folder: str, output: str, setting: str) -> tuple[str, str]:
        """Make a function like one of the stack, with a view like its view; return (its name, its table)."""
        logical = "".join(word.capitalize() for word in folder.split("_"))
        model = self.client.get_function_configuration(FunctionName=self.deployed.outputs[f"{logical}FunctionName"])
        table = self._table_like(self.deployed.outputs[output])
        name = f"new-{folder}-{uuid4().hex[:6]}"
        variables = model["Environment"]["Variables"] | {setting: table, "POWERTOOLS_SERVICE_NAME": name}
        self.client.create_function(
            FunctionName=name,
            Runtime=model["Runtime"],
            Role=model["Role"],
            Handler=model["Handler"],
            Timeout=model["Timeout"],
            Layers=[layer["Arn"] for layer in model["Layers"]],
            Environment={"Variables": variables},
            Code={"ZipFile": _zipped(folder)},
        )
        self._functions.append(name)
        return name, table

    def map(self, function: str, stream_arn: str) -> None:
        """Map a stream to a function from now on, and wait until the mapping is enabled.

        Of a table's stream, which can be read from no time on, changes made in the next moments may be missed.
        """
        now = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": datetime.now(UTC)}
        made = self.client.create_event_source_mapping(
            FunctionName=function,
            EventSourceArn=stream_arn,
            **(now if ":kinesis:" in stream_arn else {"StartingPosition": "LATEST"}),
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        self._mappings.append(made["UUID"])
        eventually(lambda: self.client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled")

    def remove(self) -> None:
        for uuid in self._mappings:
            self.client.delete_event_source_mapping(UUID=uuid)
        for name in self._functions:
            self.client.delete_function(FunctionName=name)

    def _table_like(self, table: str) -> str:
        client = self.deployed.client("dynamodb")
        model = client.describe_table(TableName=table)["Table"]
        name = f"view-{uuid4().hex[:8]}"
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=model["AttributeDefinitions"],
            KeySchema=model["KeySchema"],
        )
        return name


def _zipped(folder: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.write(ROOT / "functions" / folder / "app.py", "app.py")
    return archive.getvalue()
