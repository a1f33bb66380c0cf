"""The operations on event source mappings, and the mappings themselves.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

from event_source_mapping.errors import SettingsRefused
from event_source_mapping.pace import Pace
from event_source_mapping.settings import MappingSettings
from local_aws.journal import Journal
from local_aws.lambda_service.errors import LambdaError, conflict, in_use, invalid_request, invalid_value, not_found
from local_aws.lambda_service.hosted_mapping import HostedMapping, MappingConnections, MappingMemory
from local_aws.lambda_service.invoker import Invoker
from local_aws.lambda_service.loop_thread import LoopThread
from local_aws.lambda_service.mapped_function import MappedFunction
from local_aws.lambda_service.mapping_answers import Document, already_exists, described
from local_aws.lambda_service.names import parse_function_name
from local_aws.lambda_service.paging import page_of
from local_aws.lambda_service.registry import FunctionRegistry
from local_aws.measurements import Measurements
from local_aws.state import Keeper

type SourceCheck = Callable[[str, float], None]  # source ARN, function timeout; raises ServiceError


class MappingOperations:
    """`check_source` refuses a mapping whose source is not there."""

    def __init__(
        self,
        functions: FunctionRegistry,
        invoker: Invoker,
        thread: LoopThread,
        sources: MappingConnections,
        check_source: SourceCheck,
        journal: Journal,
        pace: Pace | None,
        keeper: Keeper,
        measurements: Measurements,
    ) -> None:
        self._functions = functions
        self._invoker = invoker
        self._thread = thread
        self._sources = sources
        self._check_source = check_source
        self._journal = journal
        self._pace = pace
        self._keeper = keeper
        self._measurements = measurements
        self._mappings: dict[str, HostedMapping] = {}

    def create_event_source_mapping(self, request: Document) -> Document:
        settings = _accepted(lambda: MappingSettings.from_request(request, time.time()))
        if request.get("FunctionName") is None:
            raise invalid_request(
                "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: "
                "Member must not be null"
            )
        function, timeout, role_arn = self._function(request["FunctionName"])
        self._check_source(settings.event_source_arn, timeout)
        with self._functions.lock:
            self._refuse_second(settings.event_source_arn, function.arn)
            mapping = self._hosted(str(uuid.uuid4()), settings, function, role_arn)
        shown = self._shown(mapping)
        self._thread.start(mapping.start())
        return shown

    def get_event_source_mapping(self, request: Document) -> Document:
        return self._shown(self._mapping(request))

    def list_event_source_mappings(self, request: Document) -> Document:
        arn, name = request.get("EventSourceArn"), request.get("FunctionName")
        wanted = None
        if name is not None:
            called = parse_function_name(name)
            wanted = self._functions.account.function_arn(called.name, called.qualifier)
            self._functions.resolve(called)
        shown = [
            one
            for one in map(self._shown, self.mappings())
            if arn in (None, one["EventSourceArn"]) and wanted in (None, one["FunctionArn"])
        ]
        return page_of(shown, request, "EventSourceMappings")

    def update_event_source_mapping(self, request: Document) -> Document:
        with self._functions.lock:
            mapping = self._mapping(request)
            if mapping.in_transition:
                raise in_use()
            settings = _accepted(lambda: mapping.settings.updated_by(request, time.time()))
            if request.get("FunctionName") is not None:
                function, _, role_arn = self._function(request["FunctionName"])
                if function.arn != mapping.function.arn:
                    self._refuse_second(settings.event_source_arn, function.arn)
                mapping.call(function, role_arn)
            mapping.expect(_transition(mapping.settings.enabled, settings.enabled))
            mapping.settings = settings
            shown = self._shown(mapping)
        self._thread.start(mapping.update())
        return shown

    def delete_event_source_mapping(self, request: Document) -> Document:
        with self._functions.lock:
            mapping = self._mapping(request)
            mapping.expect("Deleting")
            shown = self._shown(mapping)
        self._thread.start(self._delete(mapping))
        return shown

    def snapshot(self) -> list[MappingMemory]:
        """The mappings that exist, as `restore` takes them."""
        return [mapping.memory for mapping in self.mappings() if mapping.state != "Deleting"]

    def restore(self, memories: list[MappingMemory], checkpoints: dict[Any, Any]) -> None:
        """Have the mappings of an earlier endpoint, each with its place in its source; `start_all` starts them."""
        for memory in memories:
            function = MappedFunction(self._invoker, memory.called, memory.function_arn)
            place = checkpoints.get(memory.uuid)
            mapping = self._hosted(memory.uuid, memory.settings, function, memory.role_arn, place)
            mapping.last_modified = memory.last_modified

    def start_all(self) -> None:
        for mapping in self.mappings():
            self._thread.start(mapping.start())

    def _hosted(
        self,
        uuid: str,
        settings: MappingSettings,
        function: MappedFunction,
        role_arn: str,
        checkpoints: dict[str, Any] | None = None,
    ) -> HostedMapping:
        mapping = self._mappings[uuid] = HostedMapping(
            uuid,
            settings,
            function,
            self._sources,
            role_arn,
            self._journal,
            self._pace,
            self._keeper,
            self._measurements,
            checkpoints,
        )
        return mapping

    def mappings(self) -> list[HostedMapping]:
        return list(self._mappings.values())

    async def close(self) -> None:
        for mapping in self.mappings():
            await mapping.cancel()

    async def _delete(self, mapping: HostedMapping) -> None:
        await mapping.end()
        self._mappings.pop(mapping.uuid, None)

    def _function(self, text: str) -> tuple[MappedFunction, float, str]:
        called = parse_function_name(text)
        try:
            _, version = self._functions.resolve(called)
        except LambdaError as error:
            raise invalid_value("Function does not exist") from error
        arn = self._functions.account.function_arn(called.name, called.qualifier)
        configuration = version.configuration
        return MappedFunction(self._invoker, called, arn), configuration["Timeout"], configuration["Role"]

    def _mapping(self, request: Document) -> HostedMapping:
        mapping = self._mappings.get(request["UUID"])
        if mapping is None:
            raise not_found()
        return mapping

    def _shown(self, mapping: HostedMapping) -> Document:
        return described(mapping, self._functions.account.mapping_arn(mapping.uuid))

    def _refuse_second(self, source_arn: str, function_arn: str) -> None:
        for mapping in self.mappings():
            if (mapping.settings.event_source_arn, mapping.function.arn) == (source_arn, function_arn):
                raise conflict(already_exists(source_arn, function_arn.split(":function:")[1], mapping))


def _transition(enabled: bool, shall_be_enabled: bool) -> str:
    if enabled == shall_be_enabled:
        return "Updating"
    return "Enabling" if shall_be_enabled else "Disabling"


def _accepted(make: Callable[[], MappingSettings]) -> MappingSettings:
    try:
        return make()
    except SettingsRefused as refused:
        raise LambdaError(refused.code, 400, refused.message) from refused
