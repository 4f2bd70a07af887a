"""What the smoke tests have said, as a report and a next run read it. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from roles.smoke.programs.part import RANK, Result

SYMPTOMS = Path(__file__).with_name("symptoms.toml")


@dataclass(frozen=True)
class Tested:
    """One test on one card. + card: its PCI address + why: of a result that is no pass"""

    test: str
    card: str
    result: Result
    seconds: float
    why: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Smoke:
    """
    All tests of one run.

    + key: of what they depend on + when: in UTC + torch: its version
    + lacking: libraries in torch that have code for other archs alone
    + graft, triton: what is in the environment now, name and version
    """

    key: str
    when: str
    result: Result
    torch: str
    lacking: tuple[str, ...]
    tests: tuple[Tested, ...]
    graft: str = ""
    triton: str = ""


def read(text: str) -> Smoke | None:
    """What a box has kept; None: nothing that can be read."""
    try:
        kept = json.loads(text)
        said = kept["said"]
        return Smoke(
            key=str(kept["key"]),
            when=str(said["when"]),
            result=_result(said["result"]),
            torch=str(said["torch"].get("version", "")),
            lacking=tuple(map(str, said["torch"].get("lacking", ()))),
            tests=tuple(_tested(one) for one in said["tests"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _tested(told: Mapping[str, Any]) -> Tested:
    parts = told["parts"]
    worst: Mapping[str, Any] = max(
        parts, key=lambda part: RANK.index(_result(part["result"])), default={}
    )
    figures = {str(part["name"]): part["figures"] for part in parts}
    why = str(worst.get("why", ""))
    if worst.get("result") == "fail":
        why = f"{worst['name']}: {why}{_cause(why, worst.get('figures', {}).get('said', ()))}"
    gaps = [part["name"] for part in parts if part["result"] == "gap"]
    if gaps and worst.get("result") == "gap":
        why = f"known gaps: {', '.join(gaps)}"
    return Tested(
        test=str(told["test"]),
        card=str(told["card"]),
        result=_result(told["result"]),
        seconds=float(told["seconds"]),
        why=why,
        figures=figures,
    )


def _cause(why: str, lines: Any) -> str:
    said = "\n".join([why, *map(str, lines)])
    for pattern, means, then in _symptoms():
        if re.search(pattern, said):
            return f". {means}. Next: {then}"
    return f" ({str(lines[-1]).strip()})" if lines else ""


@cache
def _symptoms() -> list[tuple[str, str, str]]:
    rows = tomllib.loads(SYMPTOMS.read_text())["symptom"]
    return [(row["pattern"], row["means"], row["next"]) for row in rows]


def _result(text: Any) -> Result:
    if text not in RANK:
        raise ValueError(f"{text!r} is no result")
    return text  # type: ignore[no-any-return]
