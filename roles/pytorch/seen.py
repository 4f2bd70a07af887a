"""What the steps of the role pytorch share: one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from roles.look.once import ask
from roles.pytorch.facts import PytorchState
from roles.pytorch.state import State


@dataclass(frozen=True)
class Place:
    """Where to look. + python: that environments are made with"""

    user: str
    venv: str
    python: str
    arch: str


def look(place: Place) -> State:
    """What the box has, now."""
    return cast(State, ask(PytorchState, **vars(place)))
