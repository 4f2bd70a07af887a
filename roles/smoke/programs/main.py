"""The tests one after the other, and what came of them as JSON on stdout.

Exit status: 0 all passed, 1 one failed, 3 none failed, but some need a card that computes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from roles.graft import carried
from roles.graft.carried import Sought
from roles.smoke.programs import cards, child, multi, visible, watch
from roles.smoke.programs.cards import Gauges
from roles.smoke.programs.part import Told, worst

STATUS = {"pass": 0, "gap": 0, "fail": 1, "pending": 3}
LIMITS = {
    "visible": 120.0,
    "mnist": 900.0,
    "ops": 600.0,
    "gemm": 120.0,
    "triton": 600.0,
    "multi": 600.0,
}
ONE_CARD = ("mnist", "ops", "gemm", "triton")
LEAST_VRAM = 32 << 20  # that the digits and the network take, at the least
NEXT = "is the graft in torch/lib, is the user in the groups render and video?"


def main(wanted_libraries: Iterable[Mapping[str, str]]) -> int:
    """Run what the command line asks for. + wanted_libraries: to look for in torch"""
    if sys.argv[1:2] == ["child"]:
        return child.main(sys.argv[2], int(sys.argv[3]))
    if sys.argv[1:2] == ["rank"]:
        number, count, device = map(int, sys.argv[2:5])
        return multi.rank(number, count, device, sys.argv[5])
    wanted = _arguments()
    told = Told(
        arch=wanted.arch,
        cards=tuple(cards.shown(wanted.arch)),
        data=wanted.data,
        accuracy=wanted.accuracy,
        epochs=wanted.epochs,
        peaks=json.loads(wanted.peaks),
    )
    sought = [Sought(**one) for one in wanted_libraries]
    results = list(_results(wanted, told, sought))
    level = worst([one["result"] for one in results])
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    about, *_ = [one.pop("about") for one in results]
    told_all = {"when": when, "result": level, "torch": about, "tests": results}
    sys.stdout.write(json.dumps(told_all) + "\n")
    return STATUS[level]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", default=",".join(LIMITS))
    parser.add_argument("--arch", default="gfx906")
    parser.add_argument("--data", default=".", help="the folder with the digits")
    parser.add_argument("--accuracy", type=float, default=0.97)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--peaks", default="{}", help="the card's data sheet, as JSON")
    parser.add_argument("--celsius", type=float, default=0.0, help="stop above; 0: its critical")
    parser.add_argument("--limit", type=float, default=0.0, help="seconds a test; 0: its own")
    parser.add_argument("--stand-in", action="store_true", help="the card computes nothing")
    parser.add_argument("--require-hardware", action="store_true")
    return parser.parse_args()


def _results(
    wanted: argparse.Namespace, told: Told, sought: list[Sought]
) -> Iterator[dict[str, Any]]:
    """Of each test, on each card where it is about one. What there is to see comes first."""
    first = _one("visible", told, [], wanted)
    yield first
    if not first["about"]:
        return  # there is no torch to ask anything else
    found = list(carried.look(Path(first["about"]["path"]) / "lib", sought))
    lacking = tuple(one.name for one in found if one.archs and told.arch not in one.archs)
    first["about"]["lacking"] = lacking
    told = replace(told, gaps=lacking)
    devices = first["about"].get("devices", [])
    ours = visible.of_arch(devices, told.arch) or [0]
    for test in wanted.tests.split(","):
        if test == "multi" and devices and len(ours) == 1:
            continue  # nothing is open of a box that has one card
        if test != "visible":
            for number in ours if test in ONE_CARD else ours[:1]:
                yield _one(test, replace(told, device=number), devices, wanted)


def _one(
    test: str, told: Told, devices: list[dict[str, Any]], wanted: argparse.Namespace
) -> dict[str, Any]:
    pci = devices[told.device]["pci"] if devices else ""
    gauges = [Gauges(str(card["pci"]), wanted.celsius) for card in told.cards]
    found = watch.tried(test, told, gauges, wanted.limit or LIMITS[test])
    parts = found.parts
    if test == "mnist" and gauges and parts[-1]["result"] == "pass":
        parts.append(_rose(gauges, pci))
    unseen = not found.about.get("devices") and told.cards and not wanted.stand_in
    if unseen:
        why = f"the driver shows {len(told.cards)} {told.arch} cards, torch sees none: {NEXT}"
        parts.append(_no_hardware(why))
    elif wanted.require_hardware and worst([one["result"] for one in parts]) == "pending":
        parts.append(_no_hardware("a card that computes is required here"))
    return {
        "test": test,
        "card": pci,
        "result": worst([one["result"] for one in parts]),
        "seconds": found.seconds,
        "celsius": max((gauge.celsius for gauge in gauges), default=None),
        "parts": parts,
        "about": found.about,
    }


def _rose(gauges: list[Gauges], pci: str) -> dict[str, Any]:
    """Whether it was this card that computed, by its own counters. + pci: "" if torch told none"""
    own = [gauge for gauge in gauges if pci in (gauge.pci, "")]
    if len(own) != 1:
        why = f"which of {len(gauges)} cards computed cannot be told: torch says {pci!r}"
        return {"name": "counters", "result": "pending", "why": why, "figures": {}}
    (gauge,) = own
    grown = {name: gauge.most[name] - first for name, first in gauge.first.items()}
    idle = [
        name
        for name, least in (("vram_used_bytes", LEAST_VRAM), ("busy_percent", 1))
        if grown.get(name, 0) < least
    ]
    why = f"{gauge.pci}: {' and '.join(idle)} did not rise while it trained" if idle else ""
    return {"name": "counters", "result": "fail" if idle else "pass", "why": why, "figures": grown}


def _no_hardware(why: str) -> dict[str, Any]:
    return {"name": "hardware", "result": "fail", "why": why, "figures": {}}
