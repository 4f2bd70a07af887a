"""The lab's Triton without a build: its repository, its LLVM, and where they are served."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.lab import triton as room
from tests.lab.mirror import Mirror
from tests.lab.sources import DEBIAN, Plan
from tests.lab.triton import (
    LLVM_HASH,
    MAIN,
    MAIN_LLVM,
    NOISE,
    OLD_LLVM,
    OLD_TAG,
    REPOSITORY,
    SOURCE,
    SYSTEMS,
    TAG,
    TOOLS,
    Triton,
    commit_of,
    llvm,
    repository,
    triton,
)

REVISION = (SOURCE / LLVM_HASH).read_text().strip()


def git(*words: str | Path) -> str:
    """What git says, without the settings of whoever runs the test."""
    plain = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "NO_PROXY": "*"}
    environment = {"PATH": os.environ["PATH"], **plain}
    return subprocess.run(
        ["git", *words], env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Triton:
    """All but the tools, which a network would have to bring."""
    root = tmp_path_factory.mktemp("triton")
    for part in ("git", "llvm", "tools"):
        (root / part).mkdir()
    repository(root / "git" / REPOSITORY)
    return Triton(root, commit_of(root / "git" / REPOSITORY, TAG))


def shown(made: Triton, name: str, path: str) -> str:
    return git("-C", made.root / "git" / REPOSITORY, "show", f"{name}:{path}")


def test_the_commits_follow_from_the_files_whoever_makes_them(
    made: Triton, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text(
        "[user]\nname = else\nemail = e@e\n[core]\nautocrlf = true\n[commit]\ngpgsign = true\n"
    )
    for name, value in {"HOME": str(tmp_path), "TZ": "Asia/Tokyo", "LC_ALL": "C"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    again = tmp_path / "again.git"
    repository(again)
    for name in (TAG, OLD_TAG, MAIN):
        assert commit_of(again, name) == commit_of(made.root / "git" / REPOSITORY, name)
    assert len({made.commit, *(commit_of(again, name) for name in (OLD_TAG, MAIN))}) == 3


@pytest.mark.parametrize(
    ("name", "version", "revision"),
    [(TAG, "3.5.0", REVISION), (OLD_TAG, "3.4.0", OLD_LLVM), (MAIN, "3.4.0", MAIN_LLVM)],
)
def test_what_a_name_calls_itself_and_which_llvm_it_wants(
    made: Triton, name: str, version: str, revision: str
) -> None:
    assert f'\nVERSION = "{version}"\n' in shown(made, name, "setup.py")
    assert f'\n__version__ = "{version}"\n' in shown(made, name, "python/triton/__init__.py")
    assert shown(made, name, LLVM_HASH) == f"{revision}\n"


def test_the_default_branch_calls_itself_3_4_0_and_is_newer(made: Triton) -> None:
    bare = made.root / "git" / REPOSITORY
    assert git("-C", bare, "symbolic-ref", "HEAD").strip() == f"refs/heads/{MAIN}"
    assert shown(made, MAIN, "NEWER")
    files = git("-C", bare, "ls-tree", "-r", "--name-only", OLD_TAG).split()
    assert "setup.py" in files
    assert "NEWER" not in files


def test_a_tag_and_a_commit_are_fetched_by_upstreams_address(made: Triton, tmp_path: Path) -> None:
    own = tmp_path / "own.git"
    git("init", "--quiet", "--bare", own)
    with Mirror() as mirror:
        for route in made.routes():
            mirror.serve(route.prefix, route.handler, route.posts)
        address = f"{mirror.url}/nlzy/triton-gfx906.git"
        for wanted in (f"refs/tags/{TAG}", made.commit):
            git("-C", own, "fetch", "--quiet", "--depth=1", address, wanted)
            assert git("-C", own, "rev-parse", "FETCH_HEAD^{commit}").strip() == made.commit


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_llvm_is_the_same_bytes_again_under_the_name_that_a_build_asks_for(system: str) -> None:
    name, content = llvm(system, REVISION)
    assert name == f"llvm-7d5de303-{system}.tar.gz"
    assert llvm(system, REVISION) == (name, content)
    assert len(content) > NOISE
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert {Path(one).parts[0] for one in tar.getnames()} == {f"llvm-7d5de303-{system}"}
        header = tar.extractfile(f"llvm-7d5de303-{system}/include/lab/llvm.h")
        assert header
        assert f'"{REVISION}"'.encode() in header.read()


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda one: one.name)
def test_every_module_of_it_says_that_it_is_a_stand_in(path: Path) -> None:
    assert '"""regraft lab: a stand-in for ' in path.read_text()


def test_a_machine_whose_pip_has_not_the_tools_has_a_lab_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pip(command: list[str], **options: Any) -> Any:
        assert "pip" in command
        return type("Done", (), {"returncode": 1, "stderr": "ERROR: none found\n"})

    monkeypatch.setattr(room, "cache", lambda: tmp_path)
    monkeypatch.setattr("tests.lab.triton.sources.plan", lambda: Plan(DEBIAN, ()))
    monkeypatch.setattr("tests.lab.fetched.subprocess.run", pip)
    assert triton() is None
    said = capsys.readouterr().out
    assert f"goes without Triton: pip has no {' '.join(TOOLS)}: ERROR: none" in said
    assert not list(tmp_path.glob("*/made"))
