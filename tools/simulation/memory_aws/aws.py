"""All services of one account in memory."""

from collections.abc import Callable
from threading import RLock

from simulation.memory_aws.client import MemoryClient, Place, Service
from simulation.memory_aws.dynamodb.service import DynamoDb
from simulation.memory_aws.hook import Hook, Unhooked

ACCOUNT_ID, REGION = "123456789012", "eu-west-1"


class MemoryAws:
    """Gives clients of services that live in this object: what one of them writes, all of them see.

    Deterministic: time is the ``clock``'s (seconds since the epoch), names and numbers are counted. Calls are carried
    out one at a time, whichever thread they come from; ``hook`` decides when, and whether.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        hook: Hook | None = None,
        *,
        account: str = ACCOUNT_ID,
        region: str = REGION,
    ) -> None:
        self.account = account
        self.region = region
        self._clock = clock
        self._hook: Hook = hook or Unhooked()
        self._lock = RLock()
        self._services: dict[tuple[str, str], Service] = {}
        self._clients: dict[tuple[str, str], MemoryClient] = {}

    def client(self, service: str, region: str | None = None) -> MemoryClient:
        """Return the client of a service, by boto3's name of it, in a region (default: the account's own)."""
        at = service, region or self.region
        if at not in self._clients:
            place = Place(*at, self._lock)
            self._clients[at] = MemoryClient(place, self._service(*at), self._clock, self._hook)
        return self._clients[at]

    def dynamodb(self, region: str | None = None) -> DynamoDb:
        """Return DynamoDB itself, for whoever sets the stage."""
        service = self._service("dynamodb", region or self.region)
        assert isinstance(service, DynamoDb)  # noqa: S101 - made below
        return service

    def _service(self, name: str, region: str) -> Service:
        if (name, region) not in self._services:
            if name != "dynamodb":
                raise ValueError(f"there is no {name} in memory")
            self._services[name, region] = DynamoDb(self.account, region, self._clock)
        return self._services[name, region]
