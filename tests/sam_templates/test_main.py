"""`python -m sam_templates` writes a template without loops."""

import json
from pathlib import Path

import pytest

from sam_templates.__main__ import main

LOOP = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Success, Failure]
    - ${Name}Topic: {Type: AWS::SNS::Topic}
"""


def written(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    path.write_text(text)
    monkeypatch.setattr("sys.argv", ["sam_templates", str(path)])
    return main()


def test_loops_are_expanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = written(tmp_path / "template.yaml", LOOP, monkeypatch)

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {
        "Transform": ["AWS::Serverless-2016-10-31"],
        "Resources": {"SuccessTopic": {"Type": "AWS::SNS::Topic"}, "FailureTopic": {"Type": "AWS::SNS::Topic"}},
    }


def test_what_is_no_template_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = written(tmp_path / "template.yaml", "Resources: [", monkeypatch)

    assert code == 1
    assert "template.yaml" in capsys.readouterr().err
