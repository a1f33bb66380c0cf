"""What may import what.

functions > tasks > changestream, and in it recovery > aws, wire > core; the engine knows only the standard library and,
at its edge, boto3; the local endpoint knows the engine and not the application; nothing imports a function.
"""

import sys
from dataclasses import dataclass

import pytest

from architecture.sources import ROOT, Module, modules

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)
BOTO = frozenset({"boto3", "botocore"})
POWERTOOLS = frozenset({"aws_lambda_powertools"})
BASE64 = frozenset({"pybase64"})
PRODUCERS = frozenset({"amazon", "aws_kinesis_agg"})
MOTO_AND_ITS_KIN = frozenset({"moto", "flask", "werkzeug", "awslambdaric", "yaml", "cryptography", "requests"})


@dataclass(frozen=True, slots=True)
class Arrow:
    """The modules in ``folder`` import ``allowed`` and below, themselves, and the standard library; nothing else."""

    folder: str
    allowed: frozenset[str]

    def permits(self, imported: str) -> bool:
        names = [imported.rsplit(".", cut)[0] for cut in range(imported.count(".") + 1)]
        return imported.split(".")[0] in STANDARD_LIBRARY or any(name in self.allowed for name in names)


LAYER = "layers/changestream/changestream"
FUNCTION = frozenset({"changestream"}) | BOTO | POWERTOOLS
TASKS = frozenset({"tasks"})
FUNCTIONS = [str(path.parent.relative_to(ROOT)) for path in sorted(ROOT.glob("functions/*/app.py"))]
WITHOUT_TASKS = {
    f"functions/{name}" for name in ("expire_tombstones", "project_licences", "recover_batches", "redrive_parked")
}
"""Those that know nothing of tasks."""

SHARED_EFFECTS = frozenset({"changestream.aws.clients", "changestream.aws.concurrency", "changestream.aws.refusals"})
"""What recovery shares with the consumers; the rest of `aws` is theirs."""

DOMAIN = "layers/changestream/tasks"
RECOVERY = ("functions/recover_batches", "functions/redrive_parked")
ARROWS = (
    Arrow(f"{LAYER}/core", frozenset({"changestream.core"})),
    Arrow(f"{LAYER}/wire", frozenset({"changestream.core", "changestream.wire"}) | BASE64),
    Arrow(
        f"{LAYER}/aws", frozenset({"changestream.core", "changestream.wire", "changestream.aws"}) | BOTO | POWERTOOLS
    ),
    Arrow(
        f"{LAYER}/recovery",
        frozenset({"changestream.core", "changestream.wire", "changestream.recovery"})
        | SHARED_EFFECTS
        | BOTO
        | POWERTOOLS,
    ),
    Arrow(DOMAIN, frozenset({"changestream.core", "changestream.wire", "tasks"})),
    *(Arrow(folder, FUNCTION if folder in WITHOUT_TASKS else FUNCTION | TASKS) for folder in FUNCTIONS),
    Arrow("tools/alarms", frozenset({"alarms"})),
    Arrow("tools/sam_templates", frozenset({"sam_templates", "boto3", "samtranslator", "yaml"})),
    Arrow("tools/consumers", frozenset({"changestream.core", "consumers", "sam_templates"})),
    Arrow("tools/event_source_mapping", frozenset({"event_source_mapping", "sam_templates"}) | BOTO),
    Arrow(
        "tools/local_aws",
        frozenset({"local_aws", "alarms", "event_source_mapping", "isolation", "sam_templates", "terminal"})
        | BOTO
        | MOTO_AND_ITS_KIN,
    ),
    Arrow("tools/isolation", frozenset({"isolation"})),
    Arrow("tools/mapping_lint", frozenset({"mapping_lint", "sam_templates"})),
    Arrow("tools/importing", frozenset({"importing", "mapping_lint", "sam_templates"})),
    Arrow(
        "tools/domain",
        frozenset({"changestream.core", "changestream.wire", "consumers", "domain", "tasks", "verification"})
        | PRODUCERS,
    ),
    Arrow("tools/verification", frozenset({"verification", "changestream", "consumers", "event_source_mapping"})),
    Arrow(
        "tools/demo",
        frozenset(
            {
                "demo",
                "domain",
                "consumers",
                "verification",
                "sam_templates",
                "changestream",
                "tasks",
                "isolation",
                "local_aws",
                "terminal",
                "rich",
                "urllib3",
            }
        )
        | BOTO
        | PRODUCERS,
    ),
    Arrow(
        "tools/streamctl",
        frozenset(
            {
                "streamctl",
                "changestream",
                "tasks",
                "consumers",
                "domain",
                "isolation",
                "costs",
                "mapping_lint",
                "sam_templates",
                "event_source_mapping.filters",
                "event_source_mapping.memory.attribute_sizes",
                "local_aws.announcement",
                "rich",
                "terminal",
                "typer",
            }
        )
        | BOTO,
    ),
    Arrow("tools/scaffold", frozenset({"scaffold", "consumers", "mapping_lint", "sam_templates", "jinja2"})),
    Arrow("tools/recovery_template", frozenset({"recovery_template", "jinja2"})),
    Arrow("tools/terminal", frozenset({"changestream.core", "terminal", "rich"})),
    Arrow(
        "tools/costs", frozenset({"consumers", "costs", "event_source_mapping", "rich", "sam_templates", "terminal"})
    ),
    Arrow(
        "tools/bench",
        frozenset(
            {
                "bench",
                "changestream",
                "consumers",
                "event_source_mapping",
                "isolation",
                "local_aws",
                "rich",
                "sam_templates",
            }
        )
        | BASE64
        | BOTO
        | POWERTOOLS
        | PRODUCERS,
    ),
    Arrow(
        "tools/simulation",
        frozenset(
            {
                "simulation",
                "consumers",
                "verification",
                "domain",
                "isolation",
                "changestream",
                "tasks",
                "event_source_mapping",
                "local_aws",
                "greenlet",
                "sam_templates",
            }
        )
        | BOTO
        | POWERTOOLS,
    ),
)


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.folder)
def test_imports_follow_the_arrows(arrow: Arrow) -> None:
    strangers = [
        f"{module.name} imports {imported}"
        for module in modules(arrow.folder)
        for imported in module.imports()
        if not arrow.permits(imported) and not belongs_to_the_same_function(module, imported)
    ]

    assert strangers == []


def test_the_engine_touches_boto3_only_at_its_edge() -> None:
    inner = [module for module in modules("tools/event_source_mapping") if ".aws" not in module.name]

    strangers = [module.name for module in inner for name in module.imports() if name.split(".")[0] in BOTO]

    assert strangers == []


def test_recovery_needs_nothing_that_understands_a_change() -> None:
    of_layer = {module.name: module for module in modules(LAYER)}
    needed: set[str] = set()
    waiting = [name for folder in RECOVERY for module in modules(folder) for name in module.imports()]
    while waiting:
        name = waiting.pop()
        if name in of_layer and name not in needed:
            needed.add(name)
            waiting += of_layer[name].imports()

    assert {name for name in needed if name.startswith("changestream.aws.")} == SHARED_EFFECTS
    assert needed.isdisjoint({"changestream.core.change", "changestream.core.position", "changestream.wire.item"})


def test_every_folder_with_code_has_its_arrow() -> None:
    homes = [path for parent in ("functions", "tools", LAYER) for path in (ROOT / parent).iterdir() if path.is_dir()]

    folders = {str(path.relative_to(ROOT)) for path in homes if any(path.rglob("*.py"))}

    assert folders | {DOMAIN} == {arrow.folder for arrow in ARROWS}


def test_the_package_itself_imports_nothing() -> None:
    (package,) = [module for module in modules(LAYER) if module.name == "changestream"]

    assert list(package.imports()) == []


def belongs_to_the_same_function(module: Module, imported: str) -> bool:
    """In Lambda a function's folder is its root: a module beside ``app`` is imported by its bare name."""
    beside = module.path.parent / f"{imported.split('.')[0]}.py"
    return module.name.startswith("functions.") and beside.exists()
