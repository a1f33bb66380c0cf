"""The system as template.yaml deploys it: the simulation has no settings of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from consumers.reading import consumers
from event_source_mapping import MappingSettings
from sam_templates.document import read
from sam_templates.functions import SERVERLESS_FUNCTION, Functions
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver
from simulation.functions import FunctionSettings

ROOT = Path(__file__).parents[2]
PARAMETERS = {"SearchEndpoint": "https://search.simulation", "SearchDomainName": "simulation"}
RECOVERY = frozenset({"recover_batches", "redrive_parked"})
NOT_SHARED = frozenset({"POWERTOOLS_SERVICE_NAME"})
"""Variables that every function has with a value of its own, none of which bears on what it does."""

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """A mapping of the template: the function that it invokes, by its folder, and its settings."""

    function: str
    settings: MappingSettings


class SimulatedStack:
    """Reads the template once; resources go by their logical ids."""

    def __init__(self) -> None:
        document = expanded(read(ROOT / "template.yaml"), PARAMETERS)
        self._resources: dict[str, Any] = document["Resources"]
        self.resolver = Resolver(document, PARAMETERS)
        self._functions = Functions(self.resolver)
        self.consumers = consumers(document, PARAMETERS)

    def of_type(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """Yield (logical id, properties) of the resources of a type, such as ``AWS::DynamoDB::Table``."""
        for name, resource in self._resources.items():
            if resource["Type"] == kind and self.resolver.includes(name):
                yield name, self.resolver.resolve(resource.get("Properties", {}))

    @cached_property
    def functions(self) -> dict[str, FunctionSettings]:
        """The functions that are simulated, by the names of their folders."""
        found: dict[str, FunctionSettings] = {}
        for resource, folder in self._function_resources():
            found[folder] = FunctionSettings(
                folder,
                self.resolver.arn(resource),
                f"arn:aws:iam::123456789012:role/{resource}Role",
                self._functions.timeout(resource),
                self._functions.memory(resource),
            )
        return found

    def arn_name(self, function: str) -> str:
        """Return the name that a function has in its ARN."""
        return self.functions[function].arn.rpartition(":")[2]

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables of all functions; raise ``ValueError`` where two disagree, which this could not simulate."""
        united: dict[str, str] = {"AWS_REGION": "eu-west-1"}
        for resource, folder in self._function_resources():
            for name, value in self._functions.environment(resource).items():
                if name not in NOT_SHARED and united.setdefault(name, value) != value:
                    raise ValueError(f"{folder} has {name} {value!r}, another function {united[name]!r}")
        return united

    @cached_property
    def mappings(self) -> list[MappingPlan]:
        """The mappings of the functions that are simulated."""
        plans: list[MappingPlan] = []
        for resource, folder in self._function_resources():
            for event in self._functions.mapped_events(resource):
                request = self._functions.mapping_request(resource, event)
                plans.append(MappingPlan(folder, MappingSettings.from_request(request)))
        return plans

    def _function_resources(self) -> Iterator[tuple[str, str]]:
        """Yield (logical id, folder) of the functions that are simulated: the consumers and recovery."""
        simulated = RECOVERY | {consumer.name for consumer in self.consumers}
        for name, resource in self._resources.items():
            if resource["Type"] == SERVERLESS_FUNCTION:
                folder = Path(resource["Properties"]["CodeUri"]).name
                if folder in simulated:
                    yield name, folder
