"""What the box has of PyTorch, and the catalogs that a donor must fit: a command each."""

from __future__ import annotations

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.pytorch.probes import probes
from roles.pytorch.state import State, state


class PytorchState(FactBase[State | None]):
    """The box, as the role pytorch sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, user: str, venv: str, python: str, arch: str) -> str:
        return shell.script(probes(user, venv, python, arch))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has of PyTorch: {error!r}") from error
