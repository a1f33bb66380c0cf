"""A folder for as long as an endpoint runs; those that endpoints left behind which were killed are removed."""

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "local-aws-lambda-"


def scratch_folder() -> Path:
    """Make a folder that tells its owner by the process id in its name."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not _is_owned(folder):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


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
