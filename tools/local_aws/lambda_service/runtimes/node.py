"""Node.js functions: the bootstrap in the folder `node`, run by the Node.js of this machine."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local_aws.lambda_service.runtimes.program import SYSTEM_PATH, CannotRun, FunctionFiles, Program

_BOOTSTRAP = Path(__file__).with_name("node") / "bootstrap.mjs"
_OLDEST = (20, 6)
"""The first version of Node.js in which the import statements of a function can be resolved in its layers."""
_ASK = "console.log(JSON.stringify([process.execPath, process.versions.node]))"
_ASK_SECONDS = 10

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html: the runtimes up to nodejs22.x switch these off.
_NOT_ON_LAMBDA = ("--no-experimental-require-module", "--no-experimental-detect-module")
_LAST_WITHOUT = 22
_KNOWN_FROM, _KNOWN_UNTIL = (20, 17), (25, 0)
"""The versions of Node.js that take the two options above."""


@dataclass(frozen=True, slots=True)
class _Node:
    path: Path
    version: tuple[int, ...]

    @property
    def text(self) -> str:
        return ".".join(str(part) for part in self.version)


def node_program(files: FunctionFiles) -> Program:
    """https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html; raise `CannotRun` without a usable node."""
    found = shutil.which("node")
    if found is None:
        raise CannotRun(
            "InvalidRuntimeException",
            f"Runtime {files.runtime} needs Node.js: install it, so that node is on the PATH.",
        )
    node = _ask(found)
    if node.version < _OLDEST:
        oldest = ".".join(str(part) for part in _OLDEST)
        raise CannotRun(
            "InvalidRuntimeException",
            f"Runtime {files.runtime} needs Node.js {oldest} or later; {found} is Node.js {node.text}.",
        )
    wanted = int(re.findall(r"\d+", files.runtime)[0])
    modules = ":".join(str(folder) for folder in _module_folders(files, wanted))
    variables = {
        "LAMBDA_RUNTIME_DIR": str(_BOOTSTRAP.parent),
        "PATH": f"{node.path.parent}:{SYSTEM_PATH}",
        **({"NODE_PATH": modules} if modules else {}),
    }
    notice = f"{files.runtime} runs here under Node.js {node.text}" if wanted != node.version[0] else None
    return Program((str(node.path), *_options(files, wanted, node), str(_BOOTSTRAP)), variables, notice)


def _options(files: FunctionFiles, wanted: int, node: _Node) -> tuple[str, ...]:
    """Return the options by which code that AWS would refuse to load is refused here too."""
    chosen = "experimental-" in files.variables.get("NODE_OPTIONS", "")
    known = _KNOWN_FROM <= node.version < _KNOWN_UNTIL
    return _NOT_ON_LAMBDA if wanted <= _LAST_WITHOUT and known and not chosen else ()


def _module_folders(files: FunctionFiles, major: int) -> list[Path]:
    """Return where the packages of layers are: in nodejs/ of an archive, or beside the package.json of a source folder.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    places = (f"nodejs/node{major}/node_modules", "nodejs/node_modules", "node_modules")
    folders = [layer / place for place in places for layer in reversed(files.layers)]
    return [folder for folder in folders if folder.is_dir()]


@cache
def _ask(program: str) -> _Node:
    """Ask a node for its own path, which a version manager may hide, and its version. Takes some 50 ms, once."""
    try:
        asked = subprocess.run([program, "-e", _ASK], capture_output=True, text=True, timeout=_ASK_SECONDS, check=True)
        path, version = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = getattr(error, "stderr", None) or error
        raise CannotRun("InvalidRuntimeException", f"{program} does not run: {said}") from error
    return _Node(Path(path), tuple(int(part) for part in re.findall(r"\d+", version)[:3]))
