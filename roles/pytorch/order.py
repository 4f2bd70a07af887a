"""The wheels that are wanted, as a run and the program that fetches them say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from roles.upstream.wheel import Target
from roles.work import Task

UPSTREAM = "pytorch"


@dataclass(frozen=True)
class Order:
    """
    What is wanted.

    + stack: its name, which is what the lock calls it by
    + packages: versions by name + index: its address
    + lock: the file of what was found at first use + cache: the folder for what is fetched
    """

    stack: str
    packages: Mapping[str, str]
    index: str
    lock: str
    cache: str


def fetching(order: Order, target: Target) -> Task:
    """Have them here. + target: what they are for"""
    return Task("roles.pytorch.wheels", {"order": asdict(order), "target": asdict(target)})
