"""Layers of Node.js functions: their packages are found by require and by import, the later layer first."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_aws.lambda_service import LambdaService

IMPORTS = """
    import word from "words";
    import { deeper } from "words/deeper.js";
    export const handler = async () => [word, deeper];
"""
REQUIRES = """
    const word = require("words");
    const { deeper } = require("words/deeper.js");
    exports.handler = async () => [word, deeper];
"""
STYLES = pytest.mark.parametrize("files", [{"index.mjs": IMPORTS}, {"index.js": REQUIRES}], ids=["import", "require"])


def package(folder: str, word: str) -> dict[str, str]:
    return {
        f"{folder}/words/package.json": '{"main": "index.js"}',
        f"{folder}/words/index.js": f"module.exports = '{word}';",
        f"{folder}/words/deeper.js": f"exports.deeper = 'deeper {word}';",
    }


@pytest.fixture
def layer(service: LambdaService) -> Callable[..., str]:
    """Publish a layer of the given files, and return its ARN."""

    def publish(name: str, files: dict[str, str]) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            for path, text in files.items():
                file.writestr(path, text)
        request = {"LayerName": name, "Content": {"ZipFile": packed.getvalue()}}
        return str(service.publish_layer_version(request)["LayerVersionArn"])

    return publish


@STYLES
@pytest.mark.parametrize("folder", ["nodejs/node_modules", "nodejs/node20/node_modules"])
def test_a_function_finds_the_packages_of_a_layer(
    deploy_node: Any, answer_of: Any, layer: Any, files: dict[str, str], folder: str
) -> None:
    deploy_node(files, Layers=[layer("words", package(folder, "here"))])

    assert answer_of() == ["here", "deeper here"]


@STYLES
def test_a_later_layer_covers_an_earlier_one_and_the_function_covers_both(
    deploy_node: Any, answer_of: Any, layer: Any, files: dict[str, str]
) -> None:
    layers = [layer(name, package("nodejs/node_modules", name)) for name in ("lower", "upper")]
    deploy_node(files, Layers=layers)
    deploy_node(files | package("node_modules", "own"), Layers=layers, FunctionName="other")

    assert answer_of() == ["upper", "deeper upper"]
    assert answer_of(name="other") == ["own", "deeper own"]


def test_a_source_folder_with_its_packages_is_a_layer(
    service: LambdaService, deploy_node: Any, answer_of: Any, tmp_path: Path
) -> None:
    for path, text in package("node_modules", "here").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    published = service.publish_layer_version({"LayerName": "words", "Content": {"LocalPath": str(tmp_path)}})

    deploy_node(IMPORTS, Layers=[published["LayerVersionArn"]])

    assert answer_of() == ["here", "deeper here"]


def test_a_package_that_no_layer_has_is_reported_as_without_layers(
    deploy_node: Any, answer_of: Any, layer: Any
) -> None:
    deploy_node("import 'absent';", Layers=[layer("words", package("nodejs/node_modules", "here"))])

    assert answer_of()["errorMessage"].startswith("Cannot find package 'absent' imported from ")
