"""The report: the same from JSON as it went in, whole on the disk, and honest in its last line."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from roles.finding import Finding, Level
from roles.report.box import Report, read
from roles.report.text import Page

from .fixtures.state import MI50

REPORT = Report(
    box="attic/@local box",
    system="Ubuntu 24.04.3 LTS, kernel 6.8.0-60-generic",
    stand_in="",
    cards=(MI50,),
    findings=(Finding("cards", "ok", "1 gfx906 card", "0000:03:00.0"),),
)


def printed(report: Report) -> str:
    told = io.StringIO()
    Console(file=told, width=100).print(Page(report))
    return told.getvalue()


def test_a_report_survives_its_json(tmp_path: Path) -> None:
    assert read(REPORT.write(tmp_path)) == REPORT


def test_a_box_with_an_odd_name_gets_a_file_of_its_own_and_no_folder(tmp_path: Path) -> None:
    assert REPORT.write(tmp_path / "new").name == "attic_local_box.json"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["attic_local_box.json"]


@pytest.mark.parametrize(
    ("level", "last"),
    [
        ("ok", "This box is fit: nothing stands in the way."),
        ("note", "This box is fit: nothing stands in the way."),
        ("warning", "This box can go on; 1 warning to look at."),
        ("stop", "This box was left alone: 1 stop to clear first"),
    ],
)
def test_the_last_line_says_how_it_stands(level: Level, last: str) -> None:
    findings = (*REPORT.findings, Finding("x", level, "something", fix="do this"))
    told = printed(replace(REPORT, findings=findings)).strip().splitlines()
    assert told[-1].startswith(last)


def test_what_stands_in_for_a_card_is_said_before_anything_about_it() -> None:
    told = printed(replace(REPORT, stand_in="a kernel module"))
    assert told.index("a kernel module") < told.index("Instinct MI50 32 GB")
    assert "Nothing here was seen on a card" in " ".join(told.split())


def test_text_from_a_box_is_never_taken_for_markup() -> None:
    strange = Finding("x", "warning", "[red]boo[/red]", "[/]", "[bold]")
    assert "[red]boo[/red]" in printed(replace(REPORT, findings=(strange,)))


def test_a_box_without_cards_says_so() -> None:
    assert "no AMD card" in printed(replace(REPORT, cards=()))
