"""The files of the project: what a request may not touch, and how its files are written."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from scaffold.errors import RefusedRequest


def require_new(root: Path, paths: list[str]) -> None:
    """Raise ``RefusedRequest`` if one of the files, or the folder of a function or its tests, exists."""
    for path in paths:
        folder = root / path if path.endswith(".json") or path.startswith("tests/contracts/") else (root / path).parent
        if folder.exists():
            raise RefusedRequest(f"{folder.relative_to(root)} exists: choose another NAME")


def require_clean(root: Path, paths: list[str]) -> None:
    """Raise ``RefusedRequest`` if a file has changes that are not committed. Outside of git, accept every file."""
    command = ["git", "-C", str(root), "status", "--porcelain", "--", *paths]
    try:
        status = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return
    if dirty := [line[3:] for line in status.splitlines()]:
        raise RefusedRequest(f"{', '.join(dirty)} has changes that are not committed: commit them first")


def write(root: Path, contents: Mapping[str, str]) -> None:
    """Write all files, or leave every file and folder as it was."""
    former = {path: (root / path).read_bytes() if (root / path).exists() else None for path in contents}
    folders = [
        folder
        for path in contents
        for folder in reversed((root / path).parents)
        if folder.is_relative_to(root) and not folder.exists()
    ]
    try:
        for path, text in contents.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
    except BaseException:
        _restore(root, former, folders)
        raise


def _restore(root: Path, former: Mapping[str, bytes | None], folders: list[Path]) -> None:
    for path, content in former.items():
        if content is None:
            (root / path).unlink(missing_ok=True)
        else:
            (root / path).write_bytes(content)
    for folder in reversed(list(dict.fromkeys(folders))):
        if folder.exists():
            folder.rmdir()
