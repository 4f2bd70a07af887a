"""Deploys against lab boxes, through pyinfra's own command, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

from . import card
from .box import Box
from .lab import Lab, plug
from .runs import run

LOOK = "deploy/preflight.py"
# Every file with its kind, rights, owner, and the time that its content or rights last changed.
# A log may grow, and sudo marks that an account has used it.
TREE = (
    "find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log "
    "-o -path /var/lib/sudo -o -name .sudo_as_admin_successful -o -path /home/user \\) -prune -o "
    "-printf '%p %y %m %u %g %s %C@\\n'"
)


def test_the_second_run_changes_nothing(box: Box, tmp_path: Path) -> None:
    first = run(LOOK, box, reports=tmp_path)
    assert first.status == 0, first.said
    second = run(LOOK, box, reports=tmp_path)
    assert second.unchanged, second.said


def test_the_preflight_writes_nothing_on_the_box(box: Box, tmp_path: Path) -> None:
    before = box.ssh(TREE).stdout
    assert run(LOOK, box, reports=tmp_path).status == 0
    assert before.count("\n") > 10_000
    assert box.ssh(TREE).stdout == before


def test_a_box_without_a_card_is_stopped_and_says_why(box: Box, tmp_path: Path) -> None:
    plug(box, card.tree("none"))
    outcome = run(LOOK, box, reports=tmp_path)
    assert outcome.status == 1
    assert "no gfx906 card in this box" in outcome.said
    assert "lspci -nnd 1002:" in outcome.said
    assert "Traceback" not in outcome.said


def test_a_stopped_box_does_not_hold_up_the_others(box: Box, lab: Lab, tmp_path: Path) -> None:
    bare = lab.box("bare", cards="none")
    outcome = run(LOOK, box, bare, reports=tmp_path)
    bare.remove()
    assert outcome.status == 1
    assert "no gfx906 card in this box" in outcome.said
    assert outcome.results is not None
    assert outcome.results["failed_hosts"] == ["bare"]
    assert [one["no_change"] for one in outcome.results["operations"]] == [["lab"]]


def test_a_stop_that_is_accepted_goes_on_with_its_reason(box: Box, tmp_path: Path) -> None:
    plug(box, card.tree("none"))
    reason = json.dumps({"cards": "arrives on Monday"})
    arguments = ("--data", f"preflight_accept={reason}")
    outcome = run(LOOK, box, reports=tmp_path, arguments=arguments)
    assert outcome.unchanged, outcome.said
    assert "arrives on Monday" in outcome.said


def test_a_mistyped_setting_stops_the_run_with_a_suggestion(box: Box, tmp_path: Path) -> None:
    arguments = ("--data", "preflight_fre_gib=3")
    outcome = run(LOOK, box, reports=tmp_path, arguments=arguments)
    assert outcome.status == 1
    assert "Did you mean 'preflight_free_gib'" in outcome.said
    assert "Traceback" not in outcome.said


def test_a_setting_of_the_wrong_type_stops_the_run(box: Box, tmp_path: Path) -> None:
    arguments = ("--data", "preflight_free_gib=plenty")
    outcome = run(LOOK, box, reports=tmp_path, arguments=arguments)
    assert outcome.status == 1
    assert "preflight_free_gib = 'plenty' is of type str, not int" in outcome.said


def test_a_lab_that_is_down_names_the_next_command(tmp_path: Path) -> None:
    outcome = run(LOOK, tmp_path, reports=tmp_path)
    assert outcome.status == 1
    assert "make lab" in outcome.said
    assert "inventories/example.py" in outcome.said


def test_the_report_says_that_a_lab_box_proves_nothing_on_a_card(box: Box, tmp_path: Path) -> None:
    outcome = run(LOOK, box, reports=tmp_path)
    assert "Nothing here was seen on a card" in " ".join(outcome.said.split())
    kept = json.loads((tmp_path / "lab.json").read_text())
    assert kept["cards"][0]["arch"] == "gfx906"
    assert "Ubuntu 24.04" in kept["stand_in"]
