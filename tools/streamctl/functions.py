"""Functions by the names that people use for them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from streamctl.exits import Exit, Trouble
from streamctl.suggestions import listed

ARN = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(:[^:]+)?")


def folder_of(short_name: str) -> str:
    """Return the name of a function's folder: ``count_tasks`` for ``CountTasks``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", short_name).lower()


def own_name(asked: str, functions: Mapping[str, str]) -> str | None:
    """Return the physical name of a function of the stack; ``None`` if the stack has no such function.

    ``functions`` are those of the stack, as ``Stack.functions`` has them.
    It may be asked for by its folder (``count_tasks``), by what ``status`` prints (``CountTasks``), by its logical id
    (``CountTasksFunction``), by its physical name or by its ARN.
    """
    if arn := ARN.fullmatch(asked):
        return arn["name"] if arn["name"] in functions else None
    by_plain = {_plain(short): physical for physical, short in functions.items()}
    return asked if asked in functions else by_plain.get(_plain(asked))


def physical_name(asked: str, functions: Mapping[str, str], others: Callable[[], Iterable[str]]) -> str:
    """Return the physical name of a function that is the stack's, or one of ``others``, by the names of ``own_name``.

    ``others`` is called only where the stack has no such function. Raises ``Trouble`` for an unknown name and lists the
    known ones.
    """
    if own := own_name(asked, functions):
        return own
    strangers = sorted(set(others()) - set(functions))
    arn = ARN.fullmatch(asked)
    wanted = arn["name"] if arn else asked
    if wanted in strangers:
        return wanted
    raise unknown_function(asked, [*folders(functions), *strangers])


def folders(functions: Mapping[str, str]) -> list[str]:
    """Return the functions of a stack by the names of their folders."""
    return sorted(folder_of(short) for short in functions.values())


def unknown_function(asked: str, known: Sequence[str]) -> Trouble:
    """Return the usage error for a function that is not among the known ones."""
    return Trouble(Exit.USAGE, f"there is no function {asked}", listed(asked, known))


def _plain(name: str) -> str:
    """Return what the folder, the short name and the logical id of a function have in common."""
    return re.sub(r"[_-]", "", name).lower().removesuffix("function")
