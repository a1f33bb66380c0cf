"""docs/cost.md says what the model says."""

import re
import xml.etree.ElementTree as ET

import pytest

from conftest import ROOT
from costs.plots import PLOTS
from costs.tables import PLACE, TABLES

PAGE = (ROOT / "docs" / "cost.md").read_text()
WITH_A_TEST_OF_ITS_OWN = "engine"


@pytest.mark.parametrize("name", sorted(set(TABLES) - {WITH_A_TEST_OF_ITS_OWN}))
def test_a_table_of_the_page_is_as_the_model_makes_it(name: str) -> None:
    assert f"<!-- table: {name} -->\n{TABLES[name]()}\n<!-- end -->" in PAGE, "python -m costs docs"


def test_every_table_has_its_place() -> None:
    assert sorted(found[2] for found in PLACE.finditer(PAGE)) == sorted(TABLES)


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_is_as_the_model_draws_it_and_shown(name: str) -> None:
    drawn = (ROOT / "docs" / "plots" / f"{name}.svg").read_text()

    assert drawn == PLOTS[name](), "python -m costs plot"
    assert f"](plots/{name}.svg)" in PAGE


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_lies_within_its_frame_and_has_words_for_those_who_do_not_see_it(name: str) -> None:
    root = ET.fromstring(PLOTS[name]())
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    tags = {element.tag.rpartition("}")[2] for element in root}

    places = [(float(each.attrib["x"]), float(each.attrib["y"])) for each in root.iter() if "x" in each.attrib]
    lines = [each.attrib["points"] for each in root.iter() if "points" in each.attrib]
    places += [(float(x), float(y)) for line in lines for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", line)]

    assert {"title", "desc"} <= tags
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)
