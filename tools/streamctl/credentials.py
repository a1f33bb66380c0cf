"""Obtaining credentials before the first call, where every way in which that fails can be told from other errors."""

import warnings
from getpass import GetPassWarning

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from streamctl.exits import Exit, Trouble


def require_credentials(session: boto3.Session) -> None:
    """Obtain the session's credentials, which later calls use. A session without any is left to the first call.

    Raises ``Trouble`` if a ``credential_process`` prints something else than credentials, a file of a web identity
    cannot be read, or an MFA code cannot be asked for. Raises botocore's own errors for everything that it foresees.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would read the code from standard input, and show it
            credentials = session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError):
        raise
    except (GetPassWarning, EOFError) as error:
        raise Trouble(
            Exit.NOT_PERMITTED,
            f"the profile{_named(session)} asks for an MFA code, and there is no terminal to ask at",
            "Run the command in a terminal, or sign in first and give the credentials in the environment.",
        ) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise _unobtained(session, f"{where}{error.strerror or error}") from error
    except Exception as error:  # the boundary: a credential process or a token file may hold anything
        raise _unobtained(session, f"{type(error).__name__}: {error}") from error


def _unobtained(session: boto3.Session, reason: str) -> Trouble:
    return Trouble(
        Exit.NOT_PERMITTED,
        f"the credentials{_named(session, ' of profile')} cannot be obtained: {reason}",
        "Correct the profile in ~/.aws/config, or give another with --profile.",
    )


def _named(session: boto3.Session, before: str = "") -> str:
    return f"{before} {session.profile_name}" if session.profile_name != "default" else ""
