"""What a test is made of: steps, so that one that aborts does not take along the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Result = Literal["pass", "gap", "pending", "fail"]
RANK: tuple[Result, ...] = ("pass", "gap", "pending", "fail")


@dataclass(frozen=True)
class Part:
    """
    What came of one step.

    + result: `gap` is a failure that is known of, with a library to blame
    """

    result: Result
    why: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """
    What a test is told by the program that starts it.

    + cards: of the right arch, as the compute driver shows them: pci, arch, vram_bytes
    + device: the number of the card to run on, by torch's count
    + data: the folder with the digits
    + accuracy: that is wanted of the network, after so many epochs at the most
    + gaps: libraries that carry no code for the arch
    + peaks: the card's data sheet: tflops_fp32, tflops_fp16, gb_per_s
    + skip: so many steps were begun by an earlier child, which did not outlive the last of them
    """

    arch: str
    cards: tuple[Mapping[str, Any], ...] = ()
    device: int = 0
    data: str = ""
    accuracy: float = 0.97
    epochs: int = 1
    gaps: tuple[str, ...] = ()
    peaks: Mapping[str, float] = field(default_factory=dict)
    skip: int = 0


class Step(NamedTuple):
    """One step. + library: that does it on AMD's cards, where one is to blame if it cannot"""

    name: str
    do: Callable[[], Part]
    library: str = ""


# torch, the device to run on or None where torch sees none, what it is told
Test = Callable[[Any, Any, Told], Iterable[Step]]


def worst(results: list[Result]) -> Result:
    """The worst of some; of none: nothing is known."""
    return max(results, key=RANK.index, default="pending")
