"""What a box lacks of a stack. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.utils import canonicalize_name

from roles import space
from roles.graft.order import Graft
from roles.pytorch.stack import Stack
from roles.pytorch.state import State

LIBRARIES = "torch"  # below site-packages: what has lib/rocblas/library in it
GRAFTS = "regraft-torch-"  # as the names of our wheels begin
UNPACKED = 4  # times the size of its wheels is what an environment takes at the most


def refusals(state: State, stack: Stack, venv: str, python: str) -> list[str]:
    """Why there can be no environment; each with what to do."""
    if not state.user_exists:
        return [f"there is no account {state.user!r}. Next: gpu_user in the inventory"]
    if not state.python:
        return [f"there is no Python at {python}. Next: pytorch_python in the inventory"]
    if state.conda:
        return [
            f"{python} is conda's ({state.conda}), whose libraries come before ROCm's. "
            "Next: pytorch_python = '/usr/bin/python3'"
        ]
    if state.machine != "x86_64" or not state.libc.startswith("glibc "):
        told = f"{state.machine} with {state.libc or 'another C library'}"
        return [f"PyTorch {stack.name} is built for x86_64 with glibc, and this box is {told}"]
    if state.owner and not state.ours:
        return [f"{venv} is there and no environment of ours. Next: move it away, or pytorch_venv"]
    return []


def worn(state: State, stack: Stack) -> str:
    """Why what is there has to go, to be made anew, or nothing."""
    if not state.owner:
        return ""
    if state.unfinished:
        return "an earlier run has left it half made"
    if not state.runs:
        return f"its Python {state.made} is gone"
    if _minor(state.made) != _minor(state.python):
        return f"it was made for Python {state.made}, and here is {state.python}"
    grafts = [name for name in state.packages if name.startswith(GRAFTS)]
    if grafts and not stack.graft:
        # to take the graft out would take out files of the same names that this torch has brought
        return f"{grafts[0]} is in it, which {stack.name} does without"
    return ""


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def reasons(state: State, stack: Stack) -> list[str]:
    """Why something has to be done; none: it is as it should be."""
    if not state.owner:
        return ["there is no environment"]
    if why_anew := worn(state, stack):
        return [why_anew]
    why = []
    for name, version in stack.packages.items():
        there = state.packages.get(canonicalize_name(name), "")
        # a Triton of the same version that was built for the card is the role triton's affair
        if there != version and not ("triton" in name and there.startswith(f"{version}+")):
            why.append(f"{name} is {there or 'not there'}, and {version} belongs here")
    if state.owner != state.user:
        why.append(f"it belongs to {state.owner}")
    return why


def graft_reasons(state: State, wanted: Graft) -> list[str]:
    """Why the graft in torch is not as it should be; none: it is."""
    version = wanted.wheel_version
    there = state.packages.get(canonicalize_name(wanted.name))
    why = []
    if there != version:
        why.append(f"{wanted.name} is {there or 'not there'}, and {version} belongs here")
    if state.bad:
        why.append(f"{len(state.bad)} files are not as it has brought them")
    if state.loose:
        why.append(f"{len(state.loose)} files of the arch have come from elsewhere")
    return why


def lacking_space(state: State, sizes: Sequence[int]) -> str:
    """Why it does not fit onto the disk, or nothing. Each may be on a file system of its own."""
    packed, largest = sum(sizes), max(sizes, default=0)
    lacks = space.lacking(state.space, (packed * UNPACKED, packed, largest))
    return lacks and (
        "the environment, its wheels in /var/cache and what is sent by way of /tmp may need "
        f"{lacks}. Next: df -h; pytorch_venv names another place for the environment"
    )
