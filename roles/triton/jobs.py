"""How many compilers at once a box can bear. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20
LINK = 3  # times the memory of a compiler is what a linker takes of LLVM's archives
SPARE = 0.9  # of what is available; the build may not have the rest


class TooSmall(Exception):  # noqa: N818 - reads as what it says
    """The box cannot build it; says why, with the figures."""


@dataclass(frozen=True)
class Jobs:
    """+ compile, link: how many at once + memory: bytes that they may take together"""

    compile: int
    link: int
    memory: int


def jobs(available: int, processors: int, one: int, wanted: int) -> Jobs:
    """
    What suits a box.

    + available: bytes of memory
    + one: bytes that a compiler may take
    + wanted: compilers at once; 0: as many as there is room for
    """
    memory = int(available * SPARE)
    room = memory // one
    compilers = wanted or min(processors, room)
    if not room or compilers > room:
        raise TooSmall(
            f"{max(compilers, 1)} compilers of {one // MIB} MiB each do not fit into the "
            f"{memory // MIB} MiB of memory that are available. Next: end what takes memory; "
            "triton_jobs, triton_job_mib; or have another box of the run build it, first"
        )
    return Jobs(compilers, max(1, min(compilers, room // LINK)), memory)
