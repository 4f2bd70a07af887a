"""Whole files: complete under their names or not there, whatever is in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from roles.place import place


def run(script: str) -> int:
    return subprocess.run(["sh", "-c", script], check=False).returncode


def test_any_text_arrives_as_it_is_with_rights_for_all_to_read(tmp_path: Path) -> None:
    text = "it's $HOME `id` \\n %s\n\nlast line without an end"
    path = tmp_path / "a folder" / "file"
    assert run(place({str(path): text})) == 0
    assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_was_there_is_replaced_and_others_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("old")
    (tmp_path / "gone").write_text("old")
    assert run(place({str(tmp_path / "new"): "new"}, [str(tmp_path / "gone")])) == 0
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("new", "new")]


def test_what_a_killed_run_left_half_done_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".regraft.abc123").write_text("half")
    assert run(place({str(tmp_path / "file"): "whole"})) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_takes_the_files_place_when_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    blocked = place({str(tmp_path / "file" / "below"): "x", str(tmp_path / "other"): "y"})
    assert run(blocked + " 2>/dev/null") != 0
    assert (tmp_path / "file").read_text() == "old"
