"""Whether a box's Triton is ours, whole, and the only one; and whether it can build one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.utils import canonicalize_name

from roles import space
from roles.triton.state import State

UNPACKED = 6  # times the size of LLVM's archive is what it takes, with what is built beside it
BUILT = 4 << 30


@dataclass(frozen=True)
class Wanted:
    """+ distribution: the name by which torch asks for its Triton + version: ours, a local one"""

    distribution: str
    version: str

    @property
    def suffix(self) -> str:
        """What a build adds to the version that the source has."""
        return "+" + self.version.partition("+")[2]


def reasons(state: State, wanted: Wanted) -> list[str]:
    """Why something has to be done; none: it is as it should be."""
    name = canonicalize_name(wanted.distribution)
    why = []
    if (name, wanted.version) not in state.claims:
        there = ", ".join(" ".join(one) for one in state.claims if one[0] == name)
        why.append(f"{name} is {there or 'not there'}, and {wanted.version} belongs here")
    others = [" ".join(one) for one in state.claims if one[0] != name]
    if others:
        why.append(f"{', '.join(others)} has put files into triton/ as well")
    if state.bad:
        why.append(f"{len(state.bad)} files in triton/ are not as they were brought")
    if state.loose:
        why.append(f"{len(state.loose)} files in triton/ are nobody's")
    if not why and lacking_tools(state):
        why.append(f"it compiles with what is not there: {' '.join(lacking_tools(state))}")
    if not why and state.marked != wanted.version:
        why.append("nothing says that it is to be kept")
    return why


def lacking_tools(state: State, build: bool = False) -> list[str]:
    """Debian's packages that are lacking. + build: also of what building takes"""
    lacking = [] if state.c else ["gcc", "libc6-dev"]
    lacking += [] if state.headers else [state.headers_package or "python3-dev"]
    return lacking + (["g++"] if build and not state.cxx else [])


def lacking_space(state: State, source: int, llvm: int, tools: int) -> str:
    """Why a build does not fit onto the disk, or nothing. + source, llvm, tools: bytes to bring"""
    needs = (source * 2 + llvm * (1 + UNPACKED) + tools * 4 + BUILT, max(source, llvm, tools))
    lacks = space.lacking(state.space, needs)
    return lacks and (
        f"building it may need {lacks}. Next: df -h; or have another box of the run build it, first"
    )
