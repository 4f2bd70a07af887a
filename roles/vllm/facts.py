"""What a box has of vLLM, what its models answer, and what a unit has said: a command each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyinfra.api import FactBase, FactProcessError

from roles.look import shell
from roles.vllm import probes
from roles.vllm.health import Health, read
from roles.vllm.state import State, state


class VllmState(FactBase[State | None]):
    """The box, as the role vllm sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, key: str, cards: Sequence[str], models: Mapping[str, Sequence[str]]) -> str:
        return shell.script(probes.probes(key, cards, models))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has of vLLM: {error!r}") from error


class VllmAnswers(FactBase[tuple[Health, ...]]):
    """How the models are, by what they answer."""

    default = tuple

    def command(self, key: str, addresses: Mapping[str, str], seconds: int, patience: int) -> str:
        self._names = tuple(addresses)
        return shell.script(probes.answers(key, addresses, seconds, patience))

    def process(self, output: list[str]) -> tuple[Health, ...]:
        try:
            return read(self._names, shell.sections(output))
        except Exception as error:
            raise FactProcessError(f"cannot read what the models answer: {error!r}") from error


class VllmSaid(FactBase[list[str]]):
    """A unit's last lines."""

    default = list

    def command(self, unit: str) -> str:
        return shell.script({"said": probes.said(unit)})

    def process(self, output: list[str]) -> list[str]:
        return shell.sections(output).get("said", [])
