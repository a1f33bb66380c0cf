"""What an error means to whoever typed the command."""

import errno
import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    LoginError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    RefreshWithMFAUnsupportedError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)
from botocore.parsers import ResponseParserError

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

CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    UnknownCredentialError,
    MetadataRetrievalError,
    RefreshWithMFAUnsupportedError,
    TokenRetrievalError,
    NoAuthTokenError,
    LoginError,
    SSOError,
)
FORESEEN = (ClientError, BotoCoreError, ResponseParserError, ChangestreamError)

LONGEST_REASON = 400
"""Characters of an error of somebody else; a process or a server may write pages."""

UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Errors of a write to standard output, which name no file."""


def trouble_of(error: Exception, endpoint: str | None) -> Trouble | None:
    """Return what to say of an error. Return ``None`` for an error that nothing outside of streamctl explains."""
    match error:
        case Trouble():
            return error
        case ChangestreamError():
            return _of_the_layer(error, endpoint)
        case ClientError():
            return _refused(error)
        case ResponseParserError():
            return _not_aws(error, endpoint)
        case BotoCoreError():
            return _unanswered(error, endpoint)
        case OSError():
            return _of_the_system(error)
        case _:
            return None


def reason_of(error: BaseException) -> str:
    """Return the text of an error on one line of bounded length."""
    text = " ".join(str(error).split())
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def _of_the_layer(error: ChangestreamError, endpoint: str | None) -> Trouble:
    """The layer's errors say what was attempted; the one they came of says why it failed."""
    if isinstance(error.__cause__, ClientError | BotoCoreError):
        cause = trouble_of(error.__cause__, endpoint)
        if cause and cause.code is not Exit.REFUSED:
            return cause
    return Trouble(Exit.MISSING if isinstance(error, SourceGone) else Exit.REFUSED, error.reason)


def _of_the_system(error: OSError) -> Trouble | None:
    reason = error.strerror or reason_of(error)
    if error.filename is not None:
        return Trouble(Exit.SETUP, f"{error.filename}: {reason}")
    if error.errno in UNWRITTEN:
        return Trouble(Exit.OUTPUT, f"the output cannot be written: {reason}")
    return None


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


def _not_aws(error: Exception, endpoint: str | None) -> Trouble:
    return Trouble(
        Exit.SETUP,
        f"{endpoint or 'the endpoint'} does not answer as AWS does: {reason_of(error)[:120]}",
        "Something else listens there, or a proxy answers in its place.",
    )


def _unanswered(error: BotoCoreError, endpoint: str | None) -> Trouble:
    reason = reason_of(error)
    match error:
        case NoRegionError():
            return Trouble(Exit.USAGE, "no region is given", "Give --region, or --local for the stack of make local.")
        case ProfileNotFound():
            return Trouble(Exit.USAGE, reason, "Profiles are in ~/.aws/config.")
        case InvalidRegionError() | ParamValidationError():
            return Trouble(Exit.USAGE, reason)
        case _ if isinstance(error, CREDENTIALS):
            return _without_credentials(error, reason)
        case SSLError() | ProxyConnectionError():
            return Trouble(Exit.SETUP, reason, "Check the address, the proxy and the certificates of this machine.")
        case ConnectionError() | HTTPClientError():
            return _nobody(error, reason, endpoint)
        case _:
            return Trouble(Exit.SETUP, f"the AWS configuration cannot be used: {reason}", "It is in ~/.aws/config.")


def _without_credentials(error: BotoCoreError, reason: str) -> Trouble:
    hint = "Sign in, or --profile, or --local for make local."
    if isinstance(error, SSOError | TokenRetrievalError | NoAuthTokenError | LoginError):
        hint = "Sign in again with: aws sso login"
    return Trouble(Exit.NOT_PERMITTED, f"no credentials: {reason}", hint)


def _nobody(error: BotoCoreError, reason: str, endpoint: str | None) -> Trouble:
    if endpoint is None:
        return Trouble(Exit.REFUSED, f"AWS did not answer: {reason}")
    if isinstance(error, ConnectionError):
        return Trouble(Exit.REFUSED, f"nobody listens at {endpoint}", "Start the stack with: make local")
    return Trouble(Exit.REFUSED, f"{endpoint} did not answer: {reason}", "Look at the terminal of make local.")
