"""Around every AWS call: it takes time, others get their turn meanwhile, and it may end as calls do on bad days.

A client of boto3 tries twice (``changestream.aws.clients``), and so does this, but for invocations: a call whose answer
was lost is carried out a second time.
"""

from collections.abc import Callable
from hashlib import blake2b
from random import Random

from botocore.exceptions import ClientError, ReadTimeoutError

from simulation.faults import Fault, Faults
from simulation.memory_aws.errors import client_error
from simulation.memory_aws.hook import Answer, Call, Whims
from simulation.strands import Killed, Strand, Strands

ATTEMPTS = 2
ONCE = frozenset({"lambda", "opensearch"})
"""Services that are called by what makes attempts of its own, or none."""

THROTTLES = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "dynamodbstreams": ("ThrottlingException", 400),
    "kinesis": ("ProvisionedThroughputExceededException", 400),
    "lambda": ("TooManyRequestsException", 429),
    "opensearch": ("es_rejected_execution_exception", 429),
    "s3": ("SlowDown", 503),
    "sns": ("Throttled", 400),
    "sqs": ("ThrottlingException", 400),
}
RACES = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException", "PreconditionFailed"})


class Bug(RuntimeError):
    """What no handler foresees."""


class CallHook:
    """The hook of the services in memory. Calls of the stage itself are let through as they are."""

    def __init__(self, strands: Strands, faults: Faults, chance: Random) -> None:
        self.trace = blake2b(digest_size=16)
        self.carried_out: list[Callable[[Call, Strand], None]] = []
        """Whoever wants to hear of calls of functions that took effect, answer lost or not."""
        self.count = 0
        self._strands = strands
        self._faults = faults
        self._chance = chance
        self._mean = chance.choice((0.001, 0.005, 0.02, 0.2))

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        strand = self._strands.current()
        if strand is None:
            if call.operation == "receive_message" and self._faults.of_host(Fault.DUPLICATED):
                call.whims = Whims(duplicated=True)
            return carry_out()
        function = strand.of.function.settings.name
        attempts = 1 if call.service in ONCE else ATTEMPTS
        for attempt in range(attempts, 0, -1):
            self._strands.pause(self._chance.expovariate(1 / self._mean))
            call.time = strand.of.function.now()
            fault = self._faults.of_call(call, function)
            self.count += 1
            self.trace.update(f"{call.time:.6f} {function} {call.operation} {fault}\n".encode())
            try:
                return self._attempt(call, carry_out, strand, fault)
            except ReadTimeoutError:
                if attempt == 1:
                    raise
            except ClientError as error:
                if attempt == 1 or not _is_worth_another_attempt(error):
                    raise
        raise AssertionError("unreachable")

    def _attempt(self, call: Call, carry_out: Callable[[], Answer], strand: Strand, fault: Fault | None) -> Answer:
        if fault is None:
            return self._carry_out(call, carry_out, strand)
        if fault is not Fault.UNPROCESSED:
            self._faults.counts[fault] += 1
        match fault:
            case Fault.BUG:
                raise Bug(f"{call.operation} came out in a way that nobody thought of")
            case Fault.CRASH_BEFORE:
                strand.process.kill()
                raise Killed
            case Fault.CRASH_AFTER:
                self._carry_out(call, carry_out, strand)
                strand.process.kill()
                raise Killed
            case Fault.TIME_OUT:
                if self._chance.random() < 0.5:
                    self._carry_out(call, carry_out, strand)
                self._strands.pause(strand.of.get_remaining_time_in_millis() / 1000 + 60)
                raise ReadTimeoutError(endpoint_url=call.service)
            case Fault.LOST_ANSWER:
                self._carry_out(call, carry_out, strand)
                self._strands.pause(5.0)
                raise ReadTimeoutError(endpoint_url=call.service)
            case Fault.SLOW:
                self._strands.pause(self._chance.uniform(0.5, 20.0))
                return self._carry_out(call, carry_out, strand)
            case Fault.UNPROCESSED:
                call.whims = self._in_part(call)
                return self._carry_out(call, carry_out, strand)
            case Fault.EMPTY_PAGE:
                call.whims = Whims(empty=True)
                return self._carry_out(call, carry_out, strand)
        raise self._refusal(call, fault)

    def _carry_out(self, call: Call, carry_out: Callable[[], Answer], strand: Strand) -> Answer:
        try:
            answer = carry_out()
        except ClientError as error:
            if error.response["Error"]["Code"] in RACES:
                self._faults.counts[Fault.RACE] += 1
            raise
        for listener in self.carried_out:
            listener(call, strand)
        return answer

    def _in_part(self, call: Call) -> Whims:
        entries = sum(
            len(one["Keys"] if isinstance(one, dict) else one) for one in call.parameters["RequestItems"].values()
        )
        self._faults.counts[Fault.UNPROCESSED] += 1
        return Whims(unprocessed=self._chance.randint(1, entries))

    @staticmethod
    def _refusal(call: Call, fault: Fault) -> ClientError:
        match fault:
            case Fault.THROTTLED:
                code, status = THROTTLES[call.service]
                return client_error(call, code, "Rate exceeded", status)
            case Fault.REFUSED:
                return client_error(call, "AccessDeniedException", "User is not authorized to perform it", 403)
            case Fault.ITERATOR_EXPIRED:
                return client_error(call, "ExpiredIteratorException", "Iterator expired", 400)
            case Fault.CONFLICT:
                actions = len(call.parameters["TransactItems"])
                reasons = [{"Code": "TransactionConflict"}] + [{"Code": "None"}] * (actions - 1)
                return client_error(
                    call, "TransactionCanceledException", "Transaction cancelled", 400, CancellationReasons=reasons
                )
        return client_error(call, "InternalServerError", "The service is not at its best", 500)


def _is_worth_another_attempt(error: ClientError) -> bool:
    """As boto3's standard mode has it: what is throttled, and what failed in the service."""
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status >= 500 or code in {name for name, _ in THROTTLES.values()}
