"""All services of one account in memory."""

from collections.abc import Callable
from threading import RLock

from simulation.memory_aws.client import MemoryClient, Place, Service
from simulation.memory_aws.dynamodb.service import DynamoDb
from simulation.memory_aws.functions import Lambda
from simulation.memory_aws.hook import Answer, Hook, Unhooked
from simulation.memory_aws.messaging.sns import Sns
from simulation.memory_aws.messaging.sqs import Sqs
from simulation.memory_aws.s3 import S3
from simulation.memory_aws.search.service import SearchDomain, operation_of
from simulation.memory_aws.streams.kinesis import Kinesis
from simulation.memory_aws.streams.table_streams import DynamoDbStreams

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
        return self._of_kind(DynamoDb, "dynamodb", region)

    def kinesis(self, region: str | None = None) -> Kinesis:
        """Return Kinesis itself, likewise."""
        return self._of_kind(Kinesis, "kinesis", region)

    def sqs(self, region: str | None = None) -> Sqs:
        """Return SQS itself."""
        return self._of_kind(Sqs, "sqs", region)

    def sns(self, region: str | None = None) -> Sns:
        """Return SNS itself."""
        return self._of_kind(Sns, "sns", region)

    def s3(self, region: str | None = None) -> S3:
        """Return S3 itself."""
        return self._of_kind(S3, "s3", region)

    def functions(self, region: str | None = None) -> Lambda:
        """Return Lambda itself."""
        return self._of_kind(Lambda, "lambda", region)

    def search(self) -> SearchDomain:
        """Return the search domain itself."""
        return self._of_kind(SearchDomain, "opensearch", None)

    def ask_search(self, path: str, body: bytes) -> tuple[int, Answer]:
        """Send a request to the search domain, which has no client in boto3; return status and document.

        What a hook raises, the caller sees: it stands where ``changestream.aws.signed_http.SignedHttp.send`` does.
        """
        answer = getattr(self.client("opensearch"), operation_of(path))(Path=path, Body=body)
        return answer["status"], answer["document"]

    def _of_kind[Kind](self, kind: type[Kind], name: str, region: str | None) -> Kind:
        service = self._service(name, region or self.region)
        assert isinstance(service, kind)  # noqa: S101 - made below
        return service

    def _service(self, name: str, region: str) -> Service:
        if (name, region) not in self._services:
            self._services[name, region] = self._made(name, region)
        return self._services[name, region]

    def _made(self, name: str, region: str) -> Service:
        match name:
            case "dynamodb":
                return DynamoDb(self.account, region, self._clock)
            case "dynamodbstreams":
                return DynamoDbStreams(self.dynamodb(region).tables)
            case "kinesis":
                return Kinesis(self.account, region, self._clock)
            case "sqs":
                return Sqs(self.account, region, self._clock)
            case "sns":
                return Sns(self.account, region, self._clock, self.sqs(region))
            case "s3":
                return S3(region, self._clock, self.sqs(region))
            case "lambda":
                return Lambda()
            case "opensearch":
                return SearchDomain()
        raise ValueError(f"there is no {name} in memory")
