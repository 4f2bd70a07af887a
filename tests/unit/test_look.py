"""One script, many answers: each must come back under its own name, whatever the others do."""

from __future__ import annotations

import subprocess

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
