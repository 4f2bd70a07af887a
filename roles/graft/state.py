"""What a box has of grafts, told apart from what its tools printed. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from roles.graft import answer
from roles.graft.answer import Answer
from roles.look.shell import sections
from roles.rocm import names


@dataclass(frozen=True)
class Package:
    """A package as dpkg has it. + status: installed, or what it is stuck in"""

    name: str
    version: str
    status: str


@dataclass(frozen=True)
class Provenance:
    """What a graft says of itself. + prefix: of its recipient + donor: its version"""

    prefix: str
    donor: str
    layout: str
    kernels: int


@dataclass(frozen=True)
class State:
    """
    A box, as the role graft sees it.

    + catalogs: a digest of the recipient's; empty: there is no library directory
    + linked: whether the arch has a folder of ours there
    + loose: files of the arch there that no package of ours owns
    + bad: files of a graft that are not what they should be, by package
    + provenance: what a graft is made of, by package
    + libraries: a digest of what there is to survey
    + surveyed: whether something is kept of a survey + answer: that, where it can be read
    """

    packages: Mapping[str, Package]
    catalogs: str
    linked: bool
    loose: tuple[str, ...]
    bad: Mapping[str, tuple[str, ...]]
    provenance: Mapping[str, Provenance]
    libraries: str
    surveyed: bool
    answer: Answer | None

    def recipient(self, release: str) -> Package | None:
        """AMD's rocBLAS of this release, under whichever of its names."""
        for name in (f"rocblas{release}", "rocblas"):
            found = self.packages.get(name)
            if found and found.status == "installed":
                return found
        return None

    def grafts(self) -> list[Package]:
        """Ours that dpkg knows, whole or not."""
        return [
            one
            for one in self.packages.values()
            if names.is_graft_name(one.name) and one.status != "not-installed"
        ]


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's probes."""
    said = sections(lines)
    rows = [line.split("\t") for line in said["packages"]]
    library = [line.partition(" ") for line in said["library"]]
    grafts = [line.split(" ", 2) for line in said["grafts"]]
    survey = [line.partition(" ") for line in said["survey"]]
    bad: dict[str, tuple[str, ...]] = {}
    for kind, name, what in grafts:
        if kind == "bad":
            bad[name] = (*bad.get(name, ()), what.rpartition(": ")[0] or what)
    return State(
        packages={row[1]: Package(row[1], row[2], row[0]) for row in rows if len(row) == 3},
        catalogs=next((text for word, _, text in library if word == "catalogs"), ""),
        linked=any(word == "linked" for word, _, _ in library),
        loose=tuple(text for word, _, text in library if word == "loose"),
        bad=bad,
        provenance={
            name: found
            for kind, name, what in grafts
            if kind == "provenance" and (found := _provenance(what))
        },
        libraries=next((text for word, _, text in survey if word == "libraries"), ""),
        surveyed=any(word == "kept" for word, _, _ in survey),
        answer=answer.read("".join(text for word, _, text in survey if word == "kept")),
    )


def _provenance(text: str) -> Provenance | None:
    try:
        told = json.loads(text)
        return Provenance(
            prefix=str(told["recipient"]["prefix"]),
            donor=str(told["donor"]["version"]),
            layout=str(told["layout"]),
            kernels=int(told["fit"]["kernels"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
