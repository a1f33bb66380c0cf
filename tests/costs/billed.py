"""The calls of functions, counted and measured as DynamoDB would bill them."""

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from threading import Lock
from typing import Any

from costs.sizes import read_units, write_units
from costs.work import WORKERS
from event_source_mapping.memory.attribute_sizes import size_of
from simulation.memory_aws import Answer, Call

Json = dict[str, Any]
APPS: dict[str, Any] = {name: import_module(f"functions.{name}.app") for name in WORKERS}


class Billed:
    """A hook that lets every call through, and adds up what it would be billed as."""

    def __init__(self) -> None:
        self.calls = 0
        self.used: Counter[str] = Counter()
        self._lock = Lock()

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        with self._lock:  # calls come from many threads
            self._count(call)
        return carry_out()

    def _count(self, call: Call) -> None:
        self.calls += 1
        parameters: Any = call.parameters
        match call.operation:
            case "put_item":
                self.used["write_unit"] += write_units(size_of(parameters["Item"]))
            case "update_item" | "delete_item":
                self.used["write_unit"] += 1  # of small items only
            case "batch_write_item":
                puts = [put["PutRequest"]["Item"] for some in parameters["RequestItems"].values() for put in some]
                self.used["write_unit"] += sum(write_units(size_of(item)) for item in puts)
            case "transact_write_items":
                self.used["write_unit"] += sum(2 * _of_action(action) for action in parameters["TransactItems"])
            case "batch_get_item":
                keys = [key for some in parameters["RequestItems"].values() for key in some["Keys"]]
                self.used["read_unit"] += len(keys) * read_units(0)
            case "publish":
                self.used["notification"] += 1

    def forget(self) -> None:
        self.calls = 0
        self.used.clear()


def _of_action(action: Json) -> int:
    return write_units(size_of(action["Put"]["Item"])) if "Put" in action else 1
