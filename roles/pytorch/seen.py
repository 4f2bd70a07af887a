"""What the steps of the role pytorch share: one look, taken anew after a step has changed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pyinfra import host
from pyinfra import state as run

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
    kept = host.connector_data.setdefault("pytorch", {})
    if run.is_executing not in kept:  # what was seen while preparing is old when it is executed
        kept[run.is_executing] = host.get_fact(PytorchState, **vars(place))
    return cast(State, kept[run.is_executing])


def changed() -> None:
    """A step has changed what the look shows."""
    host.connector_data["pytorch"] = {}
