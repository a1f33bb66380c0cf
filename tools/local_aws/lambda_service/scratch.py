"""A folder for as long as an endpoint runs. The guardian removes it if the endpoint is killed."""

import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

from isolation.guardian import guardian

_PREFIX = "local-aws-lambda-"


def scratch_folder() -> Path:
    """Make a folder whose name holds the process id of its owner.

    Folders of owners that ended together with their guardian, as in a power failure, are removed first.
    """
    temporary = Path(tempfile.gettempdir())
    for left in temporary.glob(f"{_PREFIX}*"):
        if not _is_owned(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = temporary / f"{_PREFIX}{os.getpid()}-{uuid4().hex}"
    guardian().watch_folder(folder)
    folder.mkdir(mode=0o700)
    return folder


def remove_scratch(folder: Path) -> None:
    """Remove a folder that `scratch_folder` made."""
    shutil.rmtree(folder, ignore_errors=True)
    guardian().forget_folder(folder)


def _is_owned(folder: Path) -> bool:
    owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
    if not owner.isdigit():
        return True  # not made here
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
