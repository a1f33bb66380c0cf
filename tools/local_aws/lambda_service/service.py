"""The Lambda service of the local runtime, put together."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from event_source_mapping.pace import Pace
from local_aws.journal import Journal
from local_aws.lambda_service.access import AccessOperations
from local_aws.lambda_service.artifacts import ArtifactStore
from local_aws.lambda_service.aws_side import AwsSide
from local_aws.lambda_service.functions import FunctionOperations
from local_aws.lambda_service.invocations import RETRY_PAUSES, InvokeOperations
from local_aws.lambda_service.invoker import Invoker
from local_aws.lambda_service.iterator_ages import IteratorAges
from local_aws.lambda_service.layers import LayerRegistry
from local_aws.lambda_service.log_groups import LogGroups
from local_aws.lambda_service.log_pump import ConsoleSink, LogPump, LogSink
from local_aws.lambda_service.loop_thread import LoopThread
from local_aws.lambda_service.mappings import MappingOperations
from local_aws.lambda_service.metric_lines import MetricLines
from local_aws.lambda_service.names import Account
from local_aws.lambda_service.registry import FunctionRegistry
from local_aws.lambda_service.routes import OPERATIONS
from local_aws.lambda_service.scratch import remove_scratch, scratch_folder
from local_aws.lambda_service.versions import VersionOperations
from local_aws.lambda_service.wsgi import LambdaApplication
from local_aws.measurements import Measurements
from local_aws.state import Forgetful, StateDirectory

type Document = dict[str, Any]
type Operation = Callable[[Document], Document]

WORKERS_PER_FUNCTION = 4
# Where the caller sets the pace: new shards are found soon, and a mapping that stops does not leave a receive
# behind that takes messages for no one.
DISCOVERY_INTERVAL = 1.0
LONG_POLL = 1.0


def _silent(function_name: str, request_id: str | None, line: str) -> None:
    del function_name, request_id, line


def _counting(metric_lines: MetricLines, keep_log: LogSink) -> LogSink:
    def keep(group: str, stream: str, line: str) -> None:
        metric_lines(line)
        keep_log(group, stream, line)

    return keep


def _unkept(group: str, stream: str, line: str) -> None:
    del group, stream, line


class LambdaService:
    """Functions in worker processes, mappings in a thread, and the API over both; everything ends with `close`.

    Each operation of the API is a method by its name in snake case (`create_function`, `invoke`,
    `create_event_source_mapping`, …) that takes and returns a dictionary in the API's shape and raises
    ServiceError. Beyond AWS's, `Code` and `Content` may be {"LocalPath": folder}: used in place, never written.
    `on_log` is told every line of every function, on a thread of its own. Without `poll_interval` (seconds between
    reads of a shard) mappings keep AWS's own pace. With `log_groups` lines go to CloudWatch Logs of the endpoint too.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        endpoint_url: str,
        journal: Journal,
        *,
        poll_interval: float | None = None,
        workers_per_function: int = WORKERS_PER_FUNCTION,
        on_log: ConsoleSink = _silent,
        event_retry_pauses: tuple[float, ...] = RETRY_PAUSES,
        state: StateDirectory | None = None,
        log_groups: bool = False,
    ) -> None:
        account = Account(account_id, region)
        pace = None if poll_interval is None else Pace(poll_interval, DISCOVERY_INTERVAL, LONG_POLL)
        self._folder = scratch_folder()
        code = self._folder / "code" if state is None else state.code
        keeper = Forgetful() if state is None else state
        self._thread = LoopThread("lambda")
        self._logs = LogPump(on_log)
        self._aws = aws = AwsSide(account, endpoint_url)
        artifacts = ArtifactStore(code, aws.read_object)
        self._functions = functions = FunctionRegistry(account)
        home = self._folder / "home"
        home.mkdir()
        self._log_groups = LogGroups(partial(aws.client, "logs")) if log_groups else None
        self.measurements = Measurements()
        self._invoker = Invoker(
            functions,
            endpoint_url,
            home,
            workers_per_function,
            journal,
            self._logs,
            _counting(MetricLines(self.measurements), self._log_groups or _unkept),
            self.measurements,
        )
        self._layers = LayerRegistry(account, artifacts)
        self._mappings = MappingOperations(
            functions, self._invoker, self._thread, aws, aws.check_source, journal, pace, keeper, self.measurements
        )
        self._operations = _by_name(
            FunctionOperations(functions, self._layers, artifacts, self._changed, self._deleted),
            AccessOperations(functions),
            InvokeOperations(functions, self._invoker, self._thread, aws.send_document, event_retry_pauses),
            self._layers,
            self._mappings,
            VersionOperations(functions),
        )
        self._application = LambdaApplication(self._operations)
        self._closed = False

    def __getattr__(self, name: str) -> Operation:
        operations: dict[str, Operation] = self.__dict__.get("_operations", {})
        if name not in operations:
            raise AttributeError(f"{name} is no operation of the Lambda API that is supported here")
        return operations[name]

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The same operations over HTTP."""
        return self._application(environ, start_response)

    def workers(self) -> list[dict[str, Any]]:
        """{"functionName", "pid", "busy"} of every live worker."""
        return self._invoker.workers()

    def mappings(self) -> list[dict[str, Any]]:
        """{"uuid", "functionName", "eventSourceArn", "state", "lastProcessingResult", "idle", "idleSince"}
        of every mapping; what was written before idleSince (epoch seconds or None) has been delivered."""
        return [
            {
                "uuid": mapping.uuid,
                "functionName": mapping.function.arn.split(":")[6],  # whatever the alias
                "eventSourceArn": mapping.settings.event_source_arn,
                "state": mapping.state,
                "lastProcessingResult": mapping.last_processing_result,
                "idle": mapping.idle,
                "idleSince": mapping.idle_since,
            }
            for mapping in self._mappings.mappings()
        ]

    def notices(self) -> dict[str, list[str]]:
        """Notices about functions that run otherwise than on AWS, or not at all, each with the functions' names."""
        return self._functions.notices()

    @property
    def iterator_ages(self) -> IteratorAges:
        """How far behind the mappings of streams were, for CloudWatch."""
        return self._invoker.iterator_ages

    def quiet(self) -> bool:
        """Whether no invocation is under way and no mapping has anything to deliver."""
        return self._invoker.running == 0 and all(mapping.idle for mapping in self._mappings.mappings())

    def snapshot(self) -> dict[str, Any]:
        """Functions, layers and mappings, as `restore` takes them. To be pickled under `lock`."""
        return {
            "functions": self._functions.snapshot(),
            "layers": self._layers.snapshot(),
            "mappings": self._mappings.snapshot(),
        }

    def restore(self, snapshot: dict[str, Any], checkpoints: dict[Any, Any]) -> None:
        """Have what an earlier endpoint had; its mappings go on from their checkpoints with `resume`."""
        self._functions.restore(snapshot["functions"])
        self._layers.restore(snapshot["layers"])
        self._mappings.restore(snapshot["mappings"], checkpoints)

    def resume(self) -> None:
        """Start the mappings that were restored: the endpoint serves."""
        self._mappings.start_all()

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held by whoever changes a function or a mapping."""
        return self._functions.lock

    def close(self) -> None:
        """Stop the mappings, end the workers, remove what was unpacked. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        self._thread.call(self._mappings.close())
        self._thread.call(self._invoker.close())
        self._thread.close()
        self._logs.close()
        if self._log_groups is not None:
            self._log_groups.close()
        self._aws.close()
        remove_scratch(self._folder)

    def _changed(self, name: str) -> None:
        self._thread.loop.call_soon_threadsafe(self._invoker.refresh, name)

    def _deleted(self, name: str) -> None:
        self._thread.start(self._invoker.discard(name))


def _by_name(*owners: object) -> dict[str, Operation]:
    return {name: getattr(owner, name) for name in OPERATIONS for owner in owners if hasattr(owner, name)}
