"""Each file of this folder is played; see scenario.py for how they are written."""

from pathlib import Path

import pytest

from scenarios.expectations import Expectations
from scenarios.scenario import paths, read
from scenarios.stage import Stage


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_the_mapping_does_what_the_scenario_expects(path: Path) -> None:
    stage = Stage(read(path))

    stage.play()

    Expectations(stage).check()
