"""Tables that views are kept in."""

from typing import Any
from uuid import uuid4

Json = dict[str, Any]


class Tables:
    """Makes empty tables, and reads whole ones."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def create(self, *keys: str) -> str:
        """Make a table whose one or two keys are text; return its name."""
        name = f"view-{uuid4()}"
        self.client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
        )
        return name

    def rows(self, name: str, *, without: str = "") -> list[Json]:
        """Every row of a table in a fixed order, one attribute left out."""
        rows = self.client.scan(TableName=name, ConsistentRead=True)["Items"]
        return sorted(({name: row[name] for name in sorted(row) if name != without} for row in rows), key=repr)
