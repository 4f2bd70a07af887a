"""A finding: one thing that was looked at, how good it is, the evidence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Level = Literal["ok", "note", "warning", "stop"]
LEVELS: tuple[Level, ...] = ("ok", "note", "warning", "stop")


@dataclass(frozen=True)
class Finding:
    """+ code: stable + said: what was found + evidence + fix: next step"""

    code: str
    level: Level
    said: str
    evidence: str = ""
    fix: str = ""


def accept(findings: Iterable[Finding], accepted: Mapping[str, str]) -> tuple[Finding, ...]:
    """Stops that the user has taken upon himself become warnings that carry his reason."""
    return tuple(
        replace(one, level="warning", said=f"{one.said} (accepted: {accepted[one.code]})")
        if one.level == "stop" and one.code in accepted
        else one
        for one in findings
    )


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst of them."""
    return max((one.level for one in findings), key=LEVELS.index, default="ok")
