"""One script, many answers: each must come back under its own name, whatever the others do."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from roles.look import shell


def asked(probes: dict[str, str]) -> dict[str, list[str]]:
    told = subprocess.run(
        ["sh", "-c", shell.script(probes)], capture_output=True, check=True
    ).stdout.decode()
    return shell.sections(told.split("\n"))


def test_an_answer_without_a_last_newline_does_not_swallow_the_next() -> None:
    assert asked({"a": "printf one", "b": "echo two"}) == {"a": ["one"], "b": ["two"]}


def test_a_snippet_that_fails_leaves_the_others_alone() -> None:
    assert asked({"a": "no-such-tool 2>/dev/null; false", "b": "echo two"})["b"] == ["two"]


def test_a_snippet_that_reads_input_gets_none() -> None:
    assert asked({"a": "cat", "b": "echo two"}) == {"a": [], "b": ["two"]}


def test_bytes_that_are_no_text_become_question_marks() -> None:
    assert asked({"a": r"printf 'x\377y\n'"})["a"] == ["x?y"]


def test_files_come_back_by_path_with_all_their_lines(tmp_path: object) -> None:
    for name, text in {"one": "1\n2\n", "two": "x: y"}.items():
        with open(f"{tmp_path}/{name}", "w") as file:
            file.write(text)
    body = asked({"f": shell.read_files([f"{tmp_path}/*", f"{tmp_path}/absent"])})["f"]
    assert shell.files(body) == {f"{tmp_path}/one": "1\n2", f"{tmp_path}/two": "x: y"}


def test_a_small_file_is_read_without_a_program_and_one_that_is_not_there_is_empty(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("a  b\\n\n\nc")
    found = asked({"f": shell.read(f"{tmp_path}/file"), "none": shell.read(f"{tmp_path}/none")})
    assert found == {"f": ["a  b\\n", "", "c"], "none": []}


def test_the_space_of_a_folder_that_is_not_there_is_its_parents(tmp_path: Path) -> None:
    body = asked({"space": shell.space(str(tmp_path), f"{tmp_path}/none")})["space"]
    assert len(shell.free(body)) == 2


@pytest.fixture
def look(tmp_path: Path) -> Callable[[], tuple[list[str], int]]:
    """Looks at two files; gives those that are altered, and how often sums were made of them."""
    names = {"one": b"1" * 4096, "other": b"2" * 4096}
    lines = []
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {tmp_path}/{name}\n")
    (tmp_path / "manifest").write_text("".join(lines))
    snippet = (
        shell.keeping(f"{tmp_path}/run/kept")
        + shell.brought([f"{tmp_path}/manifest"])
        + shell.whole(('"$manifest"', "$brought"))
        + 'sha256sum() { [ $# = 0 ] || echo summed >&2; command sha256sum "$@"; }\n'
        + f"whole it {tmp_path}/manifest\n"
    )

    def look() -> tuple[list[str], int]:
        snippet_asked = {"bad": snippet.replace("2>/dev/null'", "2>>sums'")}
        told = subprocess.run(
            ["sh", "-c", shell.script(snippet_asked)],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout.decode()
        sums = tmp_path / "sums"
        count = sums.read_text().count("summed") if sums.exists() else 0
        sums.unlink(missing_ok=True)
        bad = shell.sections(told.split("\n"))["bad"]
        return [line.rpartition("/")[2] for line in bad], count

    return look


def test_what_was_found_whole_is_not_read_again(
    look: Callable[[], tuple[list[str], int]],
) -> None:
    assert look() == ([], 1)
    assert look() == ([], 0)


@pytest.mark.parametrize("keeps_its_time", [False, True])
def test_what_was_altered_is_found_each_time_even_if_its_time_was_put_back(
    look: Callable[[], tuple[list[str], int]], tmp_path: Path, keeps_its_time: bool
) -> None:
    look()
    file = tmp_path / "one"
    before = file.stat()
    with file.open("r+b") as opened:
        opened.write(b"x")
    if keeps_its_time:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert file.stat().st_mtime_ns == before.st_mtime_ns
    for _ in range(2):
        assert look() == (["one: FAILED"], 1)
    file.write_bytes(b"1" * 4096)
    assert look() == ([], 1)


def test_what_is_gone_or_a_link_to_something_else_is_found(
    look: Callable[[], tuple[list[str], int]], tmp_path: Path
) -> None:
    look()
    (tmp_path / "one").unlink()
    assert look() == (["one: FAILED open or read"], 1)
    (tmp_path / "one").symlink_to("other")
    assert look() == (["one: FAILED"], 1)


def test_another_manifest_over_the_same_files_is_looked_at_anew(
    look: Callable[[], tuple[list[str], int]], tmp_path: Path
) -> None:
    look()
    manifest = tmp_path / "manifest"
    manifest.write_text(manifest.read_text().replace("a", "b"))
    found, count = look()
    assert (bool(found), count) == (True, 1)


Kept = Callable[[str], tuple[list[str], bool]]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """Puts a question about two files; gives the answer, and whether it was really put."""
    (tmp_path / "one").write_text("1\n")

    def put(question: str) -> tuple[list[str], bool]:
        files = (f"{tmp_path}/one", f"{tmp_path}/none")
        snippet = shell.keeping(f"{tmp_path}/run/kept")
        snippet += shell.kept("it", f"touch {tmp_path}/asked; {question}", files)
        asked_now = tmp_path / "asked"
        asked_now.unlink(missing_ok=True)
        return asked({"it": snippet})["it"], asked_now.exists()

    return put


@pytest.mark.parametrize("says", [[], ["a  b\\n", "", "'c'"], ["long " * 100] * 4])
def test_an_answer_is_given_again_while_nothing_that_it_depends_on_has_changed(
    kept: Kept, says: list[str]
) -> None:
    question = "".join(f"printf '%s\\n' {shlex.quote(line)}; " for line in says) + ":"
    assert kept(question) == (says, True)
    assert kept(question) == (says, False)


def test_a_file_that_was_replaced_makes_an_answer_old_even_with_its_size_and_its_time(
    kept: Kept, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    kept(f"cat {one}")
    other.write_text("2\n")
    os.utime(other, ns=(one.stat().st_atime_ns, one.stat().st_mtime_ns))
    other.replace(one)
    assert kept(f"cat {one}") == (["2"], True)


def test_a_file_that_has_come_makes_an_answer_old(kept: Kept, tmp_path: Path) -> None:
    question = f"ls {tmp_path}/none 2>/dev/null; :"
    assert kept(question) == ([], True)
    (tmp_path / "none").touch()
    assert kept(question) == ([f"{tmp_path}/none"], True)


def test_who_asks_the_same_by_other_files_does_not_make_an_answer_old(tmp_path: Path) -> None:
    """As two roles of one deploy do, look by look."""
    lists = [[f"{tmp_path}/one"], [f"{tmp_path}/one", f"{tmp_path}/two"]]
    for path in lists[1]:
        Path(path).touch()
    question = f"echo put >>{tmp_path}/asked; echo it"
    keeping = shell.keeping(f"{tmp_path}/run/kept")
    for files in lists * 2:
        assert asked({"it": keeping + shell.kept("it", question, files)})["it"] == ["it"]
    assert (tmp_path / "asked").read_text().count("put") == len(lists)


def test_an_answer_that_failed_is_given_and_not_kept(kept: Kept) -> None:
    for _ in range(2):
        assert kept("echo broken; echo how >&2; false") == (["broken", "how"], True)


def test_where_nothing_can_be_kept_there_is_an_answer_all_the_same(
    kept: Kept, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("in the way")
    for _ in range(2):
        assert kept("echo it") == (["it"], True)
