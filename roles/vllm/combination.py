"""Versions that go together or do not, by patches/vllm/known.toml. Pure but for reading it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

PATCHES = Path(__file__).resolve().parents[2] / "patches/vllm"
FIELDS = ("line", "rocm", "torch", "vllm", "triton", "driver", "cards", "sources")
Verdict = Literal["works", "partly", "fails", "doubtful"]


@dataclass(frozen=True)
class Known:
    """A combination that something is known of. + patterns: by field"""

    patterns: Mapping[str, str]
    verdict: Verdict
    said: str
    source: str


@dataclass(frozen=True)
class Judged:
    """+ known: what is known + certain: whether it is ours, or only may be"""

    known: Known
    certain: bool

    @property
    def told(self) -> str:
        """What speaks against it, in words."""
        which = " with ".join(f"{name} {text}" for name, text in self.known.patterns.items())
        return f"{which}: {self.known.said}"


def against(seen: Mapping[str, str]) -> tuple[Judged, ...]:
    """What speaks against a combination, the worst first. + seen: by field; "": not known"""
    found = []
    for one in known():
        told = {name: seen.get(name, "") for name in one.patterns}
        if one.verdict == "works" or not any(told.values()):
            continue
        if all(fnmatchcase(text, one.patterns[name]) for name, text in told.items() if text):
            found.append(Judged(one, certain=all(told.values())))
    return tuple(sorted(found, key=lambda one: (not one.certain, one.known.verdict != "fails")))


@cache
def known() -> tuple[Known, ...]:
    """The table."""
    rows: list[dict[str, Any]] = tomllib.loads((PATCHES / "known.toml").read_text())["combination"]
    return tuple(
        Known(
            patterns={name: str(row[name]) for name in FIELDS if name in row},
            verdict=cast(Verdict, row["verdict"]),
            said=row["said"],
            source=row["source"],
        )
        for row in rows
    )
