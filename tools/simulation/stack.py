"""The system as template.yaml deploys it, and a foreign stack beside it: the simulation has no settings of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from consumers.reading import every_consumer
from event_source_mapping import MappingSettings
from sam_templates.document import read
from sam_templates.functions import SERVERLESS_FUNCTION, Functions
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver
from simulation.foreign import stack as foreign
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


class Part:
    """A template that is part of the simulated system; ``folder`` is where its paths begin."""

    def __init__(self, document: Any, parameters: Mapping[str, str], folder: Path) -> None:
        self.resources: dict[str, Any] = document["Resources"]
        self.resolver = Resolver(document, parameters)
        self.functions = Functions(self.resolver)
        self.folder = folder

    def function(self, resource: str) -> FunctionSettings:
        """Return a function as its template has it."""
        folder = self.folder / self.resources[resource]["Properties"]["CodeUri"]
        return FunctionSettings(
            folder.name,
            folder,
            self.resolver.arn(resource),
            f"arn:aws:iam::123456789012:role/{resource}Role",
            self.functions.timeout(resource),
            self.functions.memory(resource),
        )


class SimulatedStack:
    """Reads the templates once; resources go by their logical ids."""

    def __init__(self, template: Path = ROOT / "template.yaml") -> None:
        document = expanded(read(template), PARAMETERS)
        application = Part(document, PARAMETERS, ROOT)
        self.resolver = application.resolver
        self.consumers = every_consumer(document, PARAMETERS, "PARAMETERS in tools/simulation/stack.py")
        stream = self.resolver.resolve({"Fn::GetAtt": ["TasksTable", "StreamArn"]})
        outputs = foreign.parameters(stream, self.resolver.arn("FailedBatchesQueue"))
        self._parts = [application, Part(foreign.document(), outputs, foreign.TEMPLATE.parent)]

    def of_type(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """Yield (logical id, properties) of the resources of a type, such as ``AWS::DynamoDB::Table``."""
        for part in self._parts:
            for name, resource in part.resources.items():
                if resource["Type"] == kind and part.resolver.includes(name):
                    yield name, part.resolver.resolve(resource.get("Properties", {}))

    @cached_property
    def functions(self) -> dict[str, FunctionSettings]:
        """The functions that are simulated, by the names of their folders."""
        found = [part.function(resource) for part, resource in self._function_resources()]
        return {function.name: function for function in found}

    def arn_name(self, function: str) -> str:
        """Return the name that a function has in its ARN."""
        return self.functions[function].arn.rpartition(":")[2]

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables of all functions; raise ``ValueError`` where two disagree, which this could not simulate.

        Recovery is deployed for the foreign function too.
        """
        united: dict[str, str] = {"AWS_REGION": "eu-west-1"}
        for part, resource in self._function_resources():
            for name, value in part.functions.environment(resource).items():
                if name not in NOT_SHARED and united.setdefault(name, value) != value:
                    raise ValueError(f"{resource} has {name} {value!r}, another function {united[name]!r}")
        return united | {"CONSUMERS": f"{united['CONSUMERS']},{self.functions[foreign.FUNCTION].arn}"}

    @cached_property
    def mappings(self) -> list[MappingPlan]:
        """The mappings of the functions that are simulated."""
        plans: list[MappingPlan] = []
        for part, resource in self._function_resources():
            for event in part.functions.mapped_events(resource):
                request = part.functions.mapping_request(resource, event)
                plans.append(MappingPlan(part.function(resource).name, MappingSettings.from_request(request)))
        return plans

    def _function_resources(self) -> Iterator[tuple[Part, str]]:
        """Yield (part, logical id) of the functions that are simulated: consumers, recovery, the foreign function."""
        simulated = RECOVERY | {consumer.name for consumer in self.consumers} | {foreign.FUNCTION}
        for part in self._parts:
            for name, resource in part.resources.items():
                if resource["Type"] == SERVERLESS_FUNCTION and part.function(name).name in simulated:
                    yield part, name
