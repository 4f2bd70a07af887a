"""The lock: what was resolved once holds, for every box and every process."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roles.upstream.lock import Lock, LockMismatch, LockRefused, text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


def test_what_is_recorded_is_known_and_more_may_be_added(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "regraft.lock.toml")
    assert lock.known("rocblas/one") is None
    lock.record("rocblas/one", sha256="aa", size=3)
    lock.record("rocblas/one", sha256="aa", signer="BB")
    assert lock.known("rocblas/one") == {"sha256": "aa", "size": 3, "signer": "BB"}


def test_people_can_read_it_and_it_is_alone_in_its_folder(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "regraft.lock.toml")
    lock.record("torch", version="2.9")
    lock.record("rocblas/one", version="6", sha256="aa")
    said = lock.path.read_text()
    assert said.startswith("# What regraft has found")
    assert said.endswith(
        '["rocblas/one"]\nsha256 = "aa"\nversion = "6"\n\n[torch]\nversion = "2.9"\n'
    )
    assert list(tmp_path.iterdir()) == [lock.path]


def test_another_value_is_refused_with_both_and_with_what_to_delete(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "regraft.lock.toml")
    lock.record("rocblas/one", sha256="aa")
    before = lock.path.read_bytes()
    with pytest.raises(LockMismatch) as problem:
        lock.record("rocblas/one", sha256="bb", size=1)
    for said in (str(lock.path), "sha256 = 'aa'", "found is 'bb'", '["rocblas/one"]'):
        assert said in str(problem.value)
    assert lock.path.read_bytes() == before


def test_what_is_recorded_already_is_not_written_again(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "regraft.lock.toml")
    lock.record("one", a="1", b="2")
    before = lock.path.stat().st_ino
    lock.record("one", b="2")
    assert lock.path.stat().st_ino == before


@pytest.mark.parametrize("content", ["[one\n", "sha256 = 'a'\n", "\xff"])
def test_a_file_that_is_no_lock_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "regraft.lock.toml"
    path.write_text(content, "latin-1")
    with pytest.raises(LockRefused, match=r"regraft\.lock\.toml .*Next: "):
        Lock(path).known("one")


@settings(max_examples=40)
@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, TEXTS | NUMBERS)))
def test_whatever_is_written_is_read_back(tables: dict[str, dict[str, str | int]]) -> None:
    assert tomllib.loads(text(tables)) == tables


def test_two_processes_lose_nothing_of_each_others(tmp_path: Path) -> None:
    path = tmp_path / "regraft.lock.toml"
    write = (
        "import sys; from pathlib import Path; from roles.upstream.lock import Lock\n"
        "for n in range(25): Lock(Path(sys.argv[1])).record(f'{sys.argv[2]}{n}', a='1')"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", write, str(path), name]) for name in ("x", "y")
    ]
    assert [process.wait() for process in started] == [0, 0]
    assert len(tomllib.loads(path.read_text())) == 50
