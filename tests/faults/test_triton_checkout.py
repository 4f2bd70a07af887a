"""A source comes by its tag, out of a real git repository, and is used if it is what is wanted."""

from __future__ import annotations

import os
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from roles.triton.checkout import CheckoutRefused, checkout
from roles.triton.source import Source, for_version

LLVM = "7d5de303" + "0" * 32
NAME = "triton-gfx906.git"


def git(folder: Path, *words: str) -> str:
    who = {
        f"GIT_{role}_{what}": "a@b"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(folder), *words],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A repository with the tag that is wanted, and one more commit on its branch."""
    repository = tmp_path / "upstream" / NAME
    (repository / "cmake").mkdir(parents=True)
    git(tmp_path, "init", "-q", str(repository))
    (repository / "cmake/llvm-hash.txt").write_text(f"{LLVM}\n")
    (repository / "setup.py").write_text("version = '3.5.0'\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "tag", "-a", "-m", "tag", "v3.5.0+gfx906")
    (repository / "setup.py").write_text("version = '3.4.0'\n")
    git(repository, "commit", "-qam", "two")
    return repository


@pytest.fixture
def source(upstream: Path) -> Source:
    found = for_version("3.5.0", git(upstream, "rev-parse", "v3.5.0+gfx906^{commit}")[:9])
    assert found is not None
    return found


def quiet(_: str) -> None:
    return


def test_the_tags_content_comes_and_not_the_branchs_the_second_time_without_a_network(
    upstream: Path, source: Source, tmp_path: Path
) -> None:
    base, cache = str(upstream.parent), tmp_path / "cache"
    found = checkout(source, base, "", cache, quiet)
    assert found.commit.startswith(source.commit)
    assert found.llvm == LLVM
    with tarfile.open(found.archive) as archive:
        kept = archive.extractfile("triton/setup.py")
        assert kept is not None
        assert kept.read() == b"version = '3.5.0'\n"
    upstream.rename(upstream.with_name("away"))
    assert checkout(source, base, found.commit, cache, quiet) == found


def test_a_tag_that_is_another_commit_than_is_pinned_or_recorded_is_refused(
    upstream: Path, source: Source, tmp_path: Path
) -> None:
    base, cache = str(upstream.parent), tmp_path / "cache"
    known = git(upstream, "rev-parse", "v3.5.0+gfx906^{commit}")
    git(upstream, "tag", "-f", "v3.5.0+gfx906", "HEAD")
    for recorded in ("", known):
        with pytest.raises(CheckoutRefused, match=r"expected was .* do not go on"):
            checkout(source, base, recorded, cache, quiet)
    assert not list(cache.glob("*.tar"))


def test_a_source_that_wants_another_llvm_than_is_pinned_is_refused(
    upstream: Path, source: Source, tmp_path: Path
) -> None:
    other = replace(source, llvm="8957e64a")
    with pytest.raises(CheckoutRefused, match="8957e64a is pinned"):
        checkout(other, str(upstream.parent), "", tmp_path / "cache", quiet)


@pytest.mark.parametrize("change", [{"tag": "v9"}, {"repository": "none"}])
def test_a_tag_or_a_repository_that_is_not_there_is_said_with_what_git_says(
    upstream: Path, source: Source, tmp_path: Path, change: dict[str, str]
) -> None:
    with pytest.raises(CheckoutRefused, match=r"does not give .*: fatal: .*upstream_addresses"):
        checkout(replace(source, **change), str(upstream.parent), "", tmp_path / "cache", quiet)


def test_a_repository_whose_making_was_cut_off_is_made_anew(
    upstream: Path, source: Source, tmp_path: Path
) -> None:
    half = tmp_path / "cache" / NAME
    half.mkdir(parents=True)
    (half / "objects").mkdir()
    assert checkout(source, str(upstream.parent), "", tmp_path / "cache", quiet).archive.exists()
