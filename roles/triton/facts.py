"""What the box has of Triton, and how a build on it goes: a command each."""

from __future__ import annotations

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.triton import probes
from roles.triton.state import Followed, State, followed, state


class TritonState(FactBase[State | None]):
    """The box, as the role triton sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, venv: str, python: str) -> str:
        return shell.script(probes.probes(venv, python))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has of Triton: {error!r}") from error


class BuildFollowed(FactBase[Followed]):
    """What a build has said since, as soon as it says something."""

    @staticmethod
    def default() -> Followed:
        """What is known of one that could not be asked: that it is not going on."""
        return Followed("unknown", "", 0, ())

    def command(self, start: int) -> str:
        return probes.follow(start)

    def process(self, output: list[str]) -> Followed:
        return followed(output)
