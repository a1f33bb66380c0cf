"""Folders of endpoints that were killed do not pile up."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from local_aws.lambda_service.scratch import scratch_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_what_a_killed_endpoint_left_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left = tmp_path / f"local-aws-lambda-{ended.pid}-abc"
    left.mkdir()

    scratch_folder()

    assert not left.exists()


def test_what_others_use_stays(tmp_path: Path) -> None:
    foreign = tmp_path / "local-aws-lambda-notes"
    foreign.mkdir()
    own = scratch_folder()

    another = scratch_folder()

    assert foreign.exists()
    assert own.exists()
    assert own != another
