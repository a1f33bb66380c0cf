"""What is checked on an engineer's machine, by `.ci/run` and by the workflow is the same."""

import re

import yaml

from architecture.sources import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())


def test_the_workflow_runs_what_ci_runs() -> None:
    run = (ROOT / ".ci/run").read_text()
    (targets,) = re.findall(r"^for target in (.*); do$", run, re.MULTILINE)

    of_the_workflow = WORKFLOW["jobs"]["checks"]["strategy"]["matrix"]["target"]

    assert of_the_workflow == targets.split()


def test_every_target_that_ci_runs_is_listed_by_make() -> None:
    listed = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)

    of_the_workflow = WORKFLOW["jobs"]["checks"]["strategy"]["matrix"]["target"]

    assert set(of_the_workflow) <= set(listed)


def test_every_action_is_pinned_to_a_commit() -> None:
    uses = [step["uses"] for step in WORKFLOW["jobs"]["checks"]["steps"] if "uses" in step]

    loose = [action for action in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)]

    assert uses
    assert not loose


def test_the_hooks_run_what_the_locked_environments_have() -> None:
    entries = [hook["entry"].split()[0] for repo in HOOKS["repos"] for hook in repo["hooks"]]

    elsewhere = [entry for entry in entries if entry not in {".venv/bin/python", ".venv-sam/bin/cfn-lint"}]

    assert entries
    assert not elsewhere
