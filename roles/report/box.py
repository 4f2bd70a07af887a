"""The report of one box: plain data, to and from JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roles.finding import Finding, Level, worst
from roles.gpu.card import Card, LinkState, Temperature
from roles.graft.covered import Covered, Grafted
from roles.graft.libraries import Library
from roles.smoke.results import Smoke, Tested
from roles.vllm.health import Served


@dataclass(frozen=True)
class Report:
    """What a run found out about a box.

    + stand_in: on a lab box, what stands in for the cards; empty on a real one
    + coverage: what the libraries have for the cards, where there are some
    + smoke: what came of the tests, where there were some
    + served: the models that the inventory wants
    """

    box: str
    system: str
    stand_in: str
    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]
    coverage: Covered | None = None
    smoke: Smoke | None = None
    served: tuple[Served, ...] = ()

    @property
    def level(self) -> Level:
        """The worst that was found."""
        return worst(self.findings)

    def write(self, folder: str | Path) -> Path:
        """Keep it below a folder, whole or not at all."""
        path = Path(folder) / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', self.box)}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}.tmp")
        half.write_text(json.dumps({"level": self.level, **dataclasses.asdict(self)}, indent=1))
        half.replace(path)
        return path


def read(path: Path) -> Report:
    """A report that `write` kept."""
    data: dict[str, Any] = json.loads(path.read_text())
    return Report(
        box=data["box"],
        system=data["system"],
        stand_in=data["stand_in"],
        cards=tuple(_card(card) for card in data["cards"]),
        findings=tuple(Finding(**finding) for finding in data["findings"]),
        coverage=_covered(data["coverage"]) if data.get("coverage") else None,
        smoke=_smoke(data["smoke"]) if data.get("smoke") else None,
        served=tuple(Served(**one) for one in data.get("served", ())),
    )


def _card(data: dict[str, Any]) -> Card:
    link = LinkState(**data["link"]) if data["link"] else None
    temperatures = tuple(Temperature(**one) for one in data["temperatures"])
    return Card(**{**data, "link": link, "temperatures": temperatures, "isas": tuple(data["isas"])})


def _covered(data: dict[str, Any]) -> Covered:
    libraries = tuple(Library(**{**one, "archs": tuple(one["archs"])}) for one in data["libraries"])
    graft = Grafted(**data["graft"]) if data["graft"] else None
    return Covered(**{**data, "libraries": libraries, "graft": graft})


def _smoke(data: dict[str, Any]) -> Smoke:
    return Smoke(
        **{
            **data,
            "lacking": tuple(data["lacking"]),
            "tests": tuple(Tested(**one) for one in data["tests"]),
        }
    )
