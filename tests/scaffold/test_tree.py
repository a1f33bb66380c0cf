"""All files of a request are written, or the tree stays as it was."""

import subprocess
from pathlib import Path

import pytest

from scaffold.errors import RefusedRequest
from scaffold.tree import require_clean, require_new, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_bytes(b"as it was\r\n")
    return tmp_path


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}


def test_all_files_are_written_with_their_folders(root: Path) -> None:
    write(root, {"functions/a/app.py": "one", "docs/page.md": "two"})

    assert (root / "functions/a/app.py").read_text() == "one"
    assert (root / "docs/page.md").read_text() == "two"


@pytest.mark.parametrize("failing", range(4))
@pytest.mark.parametrize("error", [OSError("no space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"])
def test_an_error_at_any_file_leaves_the_tree_as_it_was(
    root: Path, failing: int, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, written, write_bytes = snapshot(root), [], Path.write_bytes

    def failing_write(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) > failing:
            path.touch()
            monkeypatch.undo()
            raise error
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", failing_write)
    contents = {
        "functions/a/app.py": "1",
        "docs/page.md": "2",
        "tests/functions/a/test_a.py": "3",
        "events/a.json": "4",
    }

    with pytest.raises(type(error)):
        write(root, contents)

    assert snapshot(root) == before


def test_a_file_or_folder_that_exists_is_refused(root: Path) -> None:
    (root / "functions" / "a").mkdir(parents=True)

    with pytest.raises(RefusedRequest, match="functions/a exists: choose another NAME"):
        require_new(root, ["functions/a/app.py", "events/a.json"])
    require_new(root, ["functions/b/app.py", "events/b.json"])


def test_a_file_with_changes_that_are_not_committed_is_refused(root: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)

    require_clean(root, ["docs/page.md"])  # not a repository
    git("init")
    git("add", ".")
    git("commit", "--message", "begin")
    require_clean(root, ["docs/page.md"])

    (root / "docs" / "page.md").write_text("changed")

    with pytest.raises(RefusedRequest, match=r"docs/page\.md has changes that are not committed"):
        require_clean(root, ["docs/page.md"])
