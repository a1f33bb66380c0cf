"""What an error means to whoever typed the command."""

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from changestream.core.errors import ChangestreamError, SourceGone
from streamctl.calls import CALLED
from streamctl.exits import Exit, Trouble

DENIED = re.compile(r"AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|^403$|^Forbidden$")
CREDENTIALS_REFUSED = re.compile(
    r"ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch"
    r"|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature|RequestExpired|InvalidToken"
)
GONE = re.compile(r"ResourceNotFound|NonExistentQueue|QueueDoesNotExist|NoSuch(Bucket|Key)|^404$|^NotFound")
AUTHORIZED = re.compile(r"not authorized to perform: (?P<action>[\w:-]+)(?: on resource: (?P<resource>[^\s\"]+))?")

CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError, SSOError)
FORESEEN = (ClientError, BotoCoreError, ChangestreamError)


def trouble_of(error: Exception, endpoint: str | None) -> Trouble | None:
    """Return what to tell of an error, ``None`` for one that nobody could foresee: a fault of ours."""
    match error:
        case Trouble():
            return error
        case ChangestreamError():
            return _of_the_layer(error, endpoint)
        case ClientError():
            return _refused(error)
        case BotoCoreError():
            return _unanswered(error, endpoint)
        case _:
            return None


def _of_the_layer(error: ChangestreamError, endpoint: str | None) -> Trouble:
    """The layer's errors say what was attempted; the one they came of says why it failed."""
    if isinstance(error.__cause__, ClientError | BotoCoreError):
        cause = trouble_of(error.__cause__, endpoint)
        if cause and cause.code is not Exit.REFUSED:
            return cause
    return Trouble(Exit.MISSING if isinstance(error, SourceGone) else Exit.REFUSED, error.reason)


def _refused(error: ClientError) -> Trouble:
    told, called = error.response.get("Error", {}), _called(error)
    code, message = str(told.get("Code", "")), str(told.get("Message", "")).strip()
    where = f" on {called['resource']}" if called["resource"] else ""
    if DENIED.search(code):
        return _denied(message, called["action"], called["resource"])
    if CREDENTIALS_REFUSED.search(code):
        return Trouble(
            Exit.NOT_PERMITTED,
            f"AWS does not take these credentials: {message or code}",
            "Sign in again, or --profile.",
        )
    if GONE.search(code):
        return Trouble(
            Exit.MISSING, f"{called['action']}: {called['resource'] or 'it'} is not there: {message or code}"
        )
    return Trouble(Exit.REFUSED, f"{called['action']}{where} was refused: {code}: {message}")


def _denied(message: str, action: str, resource: str) -> Trouble:
    """AWS mostly says which permission is missing, in words; where it does not, the call says as much."""
    if found := AUTHORIZED.search(message):
        action, resource = found["action"], found["resource"] or resource
    where = f" on {resource}" if resource else ""
    return Trouble(
        Exit.NOT_PERMITTED,
        f"not permitted: {action}{where}",
        "docs/streamctl.md lists what each command has to be allowed.",
    )


def _called(error: ClientError) -> dict[str, str]:
    known: dict[str, str] = error.response.get(CALLED) or {"action": error.operation_name, "resource": ""}  # type: ignore[assignment]
    return known


def _unanswered(error: BotoCoreError, endpoint: str | None) -> Trouble:
    reason = " ".join(str(error).split())
    match error:
        case NoRegionError():
            return Trouble(Exit.USAGE, "no region is given", "Give --region, or --local for the stack of make local.")
        case ProfileNotFound() | ConfigNotFound():
            return Trouble(Exit.USAGE, reason, "Profiles are in ~/.aws/config.")
        case _ if isinstance(error, CREDENTIALS):
            return Trouble(
                Exit.NOT_PERMITTED, f"no credentials: {reason}", "Sign in, or --profile, or --local for make local."
            )
        case ConnectionError() | HTTPClientError() if endpoint:
            return Trouble(Exit.REFUSED, f"nobody listens at {endpoint}", "Start the stack with: make local")
        case _:
            return Trouble(Exit.REFUSED, f"AWS did not answer: {reason}")
