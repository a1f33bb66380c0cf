"""Python functions: AWS's runtime interface client under the interpreter of the endpoint, whatever minor version is
asked for."""

import os
import sys
from pathlib import Path

from local_aws.lambda_service.runtimes.program import SYSTEM_PATH, FunctionFiles, Program


def python_program(files: FunctionFiles) -> Program:
    """https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html"""
    folder = Path(sys.executable).parent
    # All layers are laid over one another in /opt, in their order: the last one wins.
    roots = [files.code, *reversed([root for layer in files.layers for root in _import_roots(layer)])]
    variables = {
        "LAMBDA_RUNTIME_DIR": str(folder),
        "PATH": f"{folder}:{SYSTEM_PATH}",
        "PYTHONPATH": os.pathsep.join(str(root) for root in roots),
    }
    if files.read_only:
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
    return Program((sys.executable, "-m", "awslambdaric", files.handler), variables)


def _import_roots(layer: Path) -> list[Path]:
    """Return where the packages of a layer are: in python/ of an archive, or in the folder itself.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    within = layer / "python"
    roots = [within, *sorted(within.glob("lib/python3.*/site-packages"))]
    return [root for root in roots if root.is_dir()] or [layer]
