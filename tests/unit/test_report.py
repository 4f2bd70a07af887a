"""The report: the same from JSON as it went in, whole on the disk, and honest in its last line."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from roles.finding import Finding, Level
from roles.graft.covered import Covered, Grafted
from roles.graft.libraries import Library
from roles.report.box import Report, read
from roles.report.text import Page
from roles.smoke import results
from roles.smoke.programs.part import Result
from roles.smoke.results import Smoke

from .fixtures.state import MI50

REPORT = Report(
    box="attic/@local box",
    system="Ubuntu 24.04.3 LTS, kernel 6.8.0-60-generic",
    stand_in="",
    cards=(MI50,),
    findings=(Finding("cards", "ok", "1 gfx906 card", "0000:03:00.0"),),
)

GRAFT = Grafted("regraft-rocblas-gfx906", "6.4.3.3+6.4.3+0", "6.4.3-3", "flat", 23456)
COVERED = Covered(
    release="6.4.3",
    arch="gfx906",
    libraries=(
        Library("rocBLAS", "/opt/x", ("gfx942",), False, True, "gemv fails"),
        Library("rocBLAS Tensile files", "/opt/y", ("gfx906",), True, True, GRAFT.says()),
        Library("rocFFT", "/opt/z", (), False, False, "it compiles"),
    ),
    graft=GRAFT,
    problem="",
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


def smoke(result: Result, why: str = "") -> Smoke:
    tests = (
        results.Tested("visible", "c", "pass", 1.0, "", {}),
        results.Tested("ops", "c", result, 2.0, why, {}),
    )
    return Smoke("k", "now", result, "2.9", (), tests, "regraft-torch-gfx906 6.4.3.3")


@pytest.mark.parametrize(
    ("result", "why", "last"),
    [
        ("pass", "", "This box is ready: its cards have passed visible, ops."),
        (
            "gap",
            "known gaps: LU",
            "This box computes, with gaps that are known. ops: known gaps: LU.",
        ),
        ("pending", "torch sees no card", "Pending: ops: torch sees no card."),
        ("fail", "off by 1", "This box is not ready: ops failed. Next: pyinfra INVENTORY"),
    ],
)
def test_ready_is_said_of_a_box_that_has_passed_and_of_no_other(
    result: Result, why: str, last: str, tmp_path: Path
) -> None:
    report = replace(REPORT, smoke=smoke(result, why))
    said = " ".join(printed(report).split())
    assert last in said
    assert ("is ready" in said) == (result == "pass")
    assert "torch 2.9 and regraft-torch-gfx906 6.4.3.3" in said
    assert read(report.write(tmp_path)) == report


def test_what_stands_in_for_a_card_is_said_before_anything_about_it() -> None:
    told = printed(replace(REPORT, stand_in="a kernel module"))
    assert told.index("a kernel module") < told.index("Instinct MI50 32 GB")
    assert "Nothing here was seen on a card" in " ".join(told.split())


def test_text_from_a_box_is_never_taken_for_markup() -> None:
    strange = Finding("x", "warning", "[red]boo[/red]", "[/]", "[bold]")
    assert "[red]boo[/red]" in printed(replace(REPORT, findings=(strange,)))


def test_a_box_without_cards_says_so() -> None:
    assert "no AMD card" in printed(replace(REPORT, cards=()))


def test_what_the_libraries_have_for_the_card_is_said_and_that_no_card_has_proven_it() -> None:
    told = printed(replace(REPORT, coverage=COVERED))
    assert "nothing here has run on a card" in told
    rows = [line.split("  ")[0].strip() for line in told.splitlines()]
    assert [word for word in rows if word in ("lacks", "works", "works without")] == [
        *("lacks", "works", "works without")
    ]
    assert "23456 kernels" in " ".join(told.split())
    assert told.strip().splitlines()[-1].startswith("This box")


def test_why_nothing_is_known_of_the_libraries_takes_one_line() -> None:
    unknown = replace(COVERED, libraries=(), graft=None, problem="there is no [red]python3[/red]")
    told = printed(replace(REPORT, coverage=unknown))
    line = "What the libraries carry is not known: there is no [red]python3[/red]"
    assert line in told.splitlines()


@pytest.mark.parametrize("coverage", [COVERED, replace(COVERED, graft=None, problem="no python3")])
def test_what_the_libraries_have_survives_json(coverage: Covered, tmp_path: Path) -> None:
    report = replace(REPORT, coverage=coverage)
    assert read(report.write(tmp_path)) == report


def test_the_words_of_its_json_stay(tmp_path: Path) -> None:
    told = json.loads(replace(REPORT, coverage=COVERED).write(tmp_path).read_text())["coverage"]
    assert set(told) == {"release", "arch", "libraries", "graft", "problem", "on_card"}
    assert set(told["libraries"][0]) == {"name", "path", "archs", "has_arch", "needed", "says"}
    assert set(told["graft"]) == {"package", "version", "donor", "layout", "kernels"}
    assert told["on_card"] == "pending"


def test_a_report_from_before_there_was_coverage_is_still_read(tmp_path: Path) -> None:
    path = REPORT.write(tmp_path)
    old = json.loads(path.read_text())
    del old["coverage"]
    path.write_text(json.dumps(old))
    assert read(path) == REPORT
