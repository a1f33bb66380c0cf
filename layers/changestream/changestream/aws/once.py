"""Effects that are remembered, so that a repeat does not bring them about again (Powertools Idempotency)."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.core.errors import TransientError

SECONDS_PER_DAY = 86_400


class Once:
    """Carries out an effect and remembers its identity for so many days, in a table with the key ``id``.

    An identity is claimed, the effect carried out, and the claim turned into a memory. A claim of an invocation that
    was cut off ends with that invocation's time-out. Between effect and memory there is no transaction: an invocation
    that ends in between leaves the effect to be carried out a second time, so it must bear its identity for whoever
    receives it.
    """

    def __init__(self, client: Any, table: str, prefix: str, days: int) -> None:
        """``prefix`` stands before every identity.

        Powertools would put the names of function and module there, and a rename would forget everything.
        """
        self._config = IdempotencyConfig(
            expires_after_seconds=days * SECONDS_PER_DAY, use_local_cache=True, hash_function="sha256"
        )
        self._carry_out: Callable[..., None] = idempotent_function(
            _carry_out,
            data_keyword_argument="identity",
            persistence_store=DynamoDBPersistenceLayer(table_name=table, boto3_client=client),
            config=self._config,
            key_prefix=prefix,
        )

    def register(self, context: LambdaContext) -> None:
        """Let the claims that follow end with this invocation. Has to be called at its beginning."""
        self._config.register_lambda_context(context)

    def carry_out(self, identity: str, effect: Callable[[], None]) -> bool:
        """Carry out an effect; return ``False`` where it is remembered, and was not carried out again.

        An effect that raises is not remembered, and its error is raised. Raises ``TransientError`` where the table
        refuses, and for an identity that another invocation has claimed and not done with.
        """
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            effect()

        try:
            self._carry_out(identity=identity, effect=begin)
        except IdempotencyAlreadyInProgressError as error:
            raise TransientError(f"another invocation is at {identity}, or was cut off at it: {error}") from error
        except (IdempotencyPersistenceLayerError, IdempotencyInconsistentStateError) as error:
            raise TransientError(f"remembering {identity}: {error}") from error
        return begun


def _carry_out(*, identity: str, effect: Callable[[], None]) -> None:  # noqa: ARG001 - what Powertools goes by
    effect()
