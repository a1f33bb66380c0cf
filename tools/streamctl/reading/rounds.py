"""How long parked records are redriven before they wait for a person, as the deployed function is told."""

from changestream.core.redrive import RedriveRounds
from changestream.recovery.settings import Settings
from streamctl.exits import Exit, Trouble
from streamctl.stack import Stack


def redrive_rounds(stack: Stack) -> RedriveRounds:
    """Return the rounds of the stack's redrive. Raises ``Trouble`` where its function has settings that it refuses."""
    name = stack.output("RedriveParkedFunctionName")
    configuration = stack.client("lambda").get_function_configuration(FunctionName=name)
    try:
        return Settings.of(configuration.get("Environment", {}).get("Variables", {})).redrive_rounds
    except ValueError as error:
        raise Trouble(Exit.ATTENTION, f"{name} cannot run: {error}", "Deploy the stack again.") from error
