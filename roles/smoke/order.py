"""The digits that are wanted, as a run and the program that fetches them say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from roles.work import Task


@dataclass(frozen=True)
class Digits:
    """+ address: the folder that they are in + sha256: by name + cache: on the controller"""

    address: str
    sha256: Mapping[str, str]
    cache: str

    def lacking(self, there: Mapping[str, str]) -> Digits:
        """Those that are not among these. + there: sums by name"""
        return replace(self, sha256={n: s for n, s in self.sha256.items() if there.get(n) != s})


def fetching(digits: Digits) -> Task:
    """Have them here."""
    return Task("roles.smoke.digits", asdict(digits))
