"""Registries in turn: what one cannot give is asked of the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from roles.upstream.fetch import FetchRefused
from roles.vllm.image import ImageRefused
from roles.vllm.registry import Registry

T = TypeVar("T")


class Registries:
    """
    Those that may have an image.

    + path: of its repository, the same in each
    + say: told which one is given up, and why
    + used: the one that has answered last
    """

    def __init__(self, bases: Iterable[str], path: str, say: Callable[[str], None]) -> None:
        self._left = [Registry(base, path) for base in bases]
        self._say = say
        self._refused: list[str] = []
        self._next: list[str] = []
        self.used = ""

    def take(self, what: Callable[[Registry], T]) -> T:
        """What the first gives that can; one that cannot is not asked again. ImageRefused: none."""
        while self._left:
            registry = self._left[0]
            try:
                found = what(registry)
            except (FetchRefused, ImageRefused) as problem:
                why, _, following = str(problem).partition(" Next: ")
                why = why.removesuffix(".")
                self._refused.append(why if registry.base in why else f"{registry.base}: {why}")
                self._next.append(following)
                self._say(self._refused[-1])
                del self._left[0]
            else:
                self.used = registry.base
                return found
        following = (
            "; ".join(dict.fromkeys(self._next)) or "name one: vllm_registries in the inventory"
        )
        why = "; ".join(self._refused) or "there is no registry to ask"
        raise ImageRefused(f"{why}. Next: {following}")
