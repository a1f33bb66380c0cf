"""Functions by the names that people use for them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from streamctl.exits import Exit, Trouble
from streamctl.suggestions import listed

FUNCTION_NAME = "FunctionName"
"""How outputs end that name a function."""

ARN = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(:[^:]+)?")


def short_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the functions of a stack: what the template calls each, ``CountTasks``, by its physical name."""
    return {
        name: output.removesuffix(FUNCTION_NAME) for output, name in outputs.items() if output.endswith(FUNCTION_NAME)
    }


def folder_of(short_name: str) -> str:
    """Return the name of a function's folder: ``count_tasks`` for ``CountTasks``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", short_name).lower()


def own_name(asked: str, outputs: Mapping[str, str]) -> str | None:
    """Return the physical name of a function of the stack; ``None`` if the stack has no such function.

    It may be asked for by its folder (``count_tasks``), by what ``status`` prints (``CountTasks``), by its logical id
    (``CountTasksFunction``), by its physical name or by its ARN.
    """
    shorts = short_names(outputs)
    if arn := ARN.fullmatch(asked):
        return arn["name"] if arn["name"] in shorts else None
    by_plain = {_plain(short): physical for physical, short in shorts.items()}
    return asked if asked in shorts else by_plain.get(_plain(asked))


def physical_name(asked: str, outputs: Mapping[str, str], others: Callable[[], Iterable[str]]) -> str:
    """Return the physical name of a function that is the stack's, or one of ``others``, by the names of ``own_name``.

    ``others`` is called only where the stack has no such function. Raises ``Trouble`` for an unknown name and lists the
    known ones.
    """
    if own := own_name(asked, outputs):
        return own
    strangers = sorted(set(others()) - set(short_names(outputs)))
    arn = ARN.fullmatch(asked)
    wanted = arn["name"] if arn else asked
    if wanted in strangers:
        return wanted
    raise unknown_function(asked, [*folders(outputs), *strangers])


def folders(outputs: Mapping[str, str]) -> list[str]:
    """Return the functions of a stack by the names of their folders."""
    return sorted(folder_of(short) for short in short_names(outputs).values())


def unknown_function(asked: str, known: Sequence[str]) -> Trouble:
    """Return the usage error for a function that is not among the known ones."""
    return Trouble(Exit.USAGE, f"there is no function {asked}", listed(asked, known))


def _plain(name: str) -> str:
    """Return what the folder, the short name and the logical id of a function have in common."""
    return re.sub(r"[_-]", "", name).lower().removesuffix("function")
