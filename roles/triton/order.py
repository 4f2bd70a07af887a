"""What a build needs, as a run and the program that fetches it say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from roles.triton.source import Source
from roles.upstream.wheel import Target
from roles.work import Task


@dataclass(frozen=True)
class Order:
    """
    What is wanted.

    + addresses: of the upstreams, by name
    + llvm_sha256: what LLVM's archive has to be; "" leaves it to the lock
    + lock: the file of what was found at first use
    + cache: the folder for what is fetched and built
    """

    source: Source
    addresses: Mapping[str, str]
    llvm_sha256: str
    lock: str
    cache: str


def fetching(order: Order, target: Target) -> Task:
    """Have it all here. + target: what the Triton is for"""
    return Task("roles.triton.obtain", {"order": asdict(order), "target": asdict(target)})
