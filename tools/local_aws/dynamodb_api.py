"""DynamoDB's operations, dispatched straight to moto's, past its web framework and its model-driven parsing.

That is what makes a write cost a fraction of a millisecond instead of several: the JSON on the wire already is
what moto's operations expect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from .destinations_api import DestinationsApi
from .state.keeper import Keeper
from .table_limits import check_call
from .tables import StreamedTables
from .wire import Answer, Request, ServiceError, json_answer

TOKEN_SECONDS = 600
"""For so long a transaction with a client token that went through is not done again."""


class DynamoDbApi:
    """Answer one operation; the caller holds the DynamoDB lock."""

    def __init__(self, account_id: str, tables: Callable[[str], StreamedTables], keeper: Keeper) -> None:
        self._account_id = account_id
        self._tables = tables
        self._destinations = DestinationsApi()
        self._keeper = keeper
        self.tokens: dict[tuple[str, str], tuple[bytes, float]] = {}
        """By region and client token: the digest of a transaction that went through, and when."""
        self._methods = {
            method.replace("_", ""): method for method in vars(DynamoHandler) if not method.startswith("_")
        }

    def answer(self, request: Request) -> Answer:
        operation, call = request.target[1], request.json
        tables = self._tables(request.region)
        if self._destinations.serves(operation):
            return json_answer(request, self._destinations.answer(operation, tables, call))
        check_call(operation, call, tables.tables)
        if operation != "TransactWriteItems":
            return self._moto(request, operation, call)
        return self._once(request, tables, call)

    def _moto(self, request: Request, operation: str, call: dict[str, Any]) -> Answer:
        method = self._methods.get(camelcase_to_underscores(operation).replace("_", ""))
        if method is None:
            raise ServiceError("UnknownOperationException", f"DynamoDB has no {operation} here")
        handler = DynamoHandler()
        handler.region = request.region
        handler.current_account = self._account_id
        handler.body = handler.params = call
        try:
            result = getattr(handler, method)()
        except HTTPException as error:
            return Answer(error.code or 400, (error.description or "").encode(), "application/x-amz-json-1.0")
        except KeyError as error:
            raise ServiceError("ValidationException", f"{operation} lacks {error}") from error
        except (
            ValueError,
            RecursionError,
            ArithmeticError,
        ) as error:  # so moto refuses an expression
            raise ServiceError("ValidationException", str(error) or type(error).__name__) from error
        return json_answer(request, {} if result.result is None else result.result)

    def _once(self, request: Request, tables: StreamedTables, call: dict[str, Any]) -> Answer:
        """Do a transaction unless the same one, by its client token, went through within ten minutes.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
        """
        token = call.get("ClientRequestToken")
        if token is None:
            return self._moto(request, "TransactWriteItems", call)
        now = tables.clock()
        self.tokens = {key: done for key, done in self.tokens.items() if now - done[1] < TOKEN_SECONDS}
        digest = hashlib.sha256(request.body).digest()
        done = self.tokens.get((request.region, token))
        if done is not None:
            if done[0] != digest:
                raise ServiceError(
                    "IdempotentParameterMismatchException",
                    "The same client token was used with other parameters within the last ten minutes",
                )
            return json_answer(request, {})
        with self._keeper.together():
            answer = self._moto(request, "TransactWriteItems", call)
            if answer.status == 200:
                self.tokens[request.region, token] = digest, now
                self._keeper.note("token", (request.region, token), (digest, now))
        return answer
