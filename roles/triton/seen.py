"""What the steps of the role triton share: one look, taken anew after a step has changed it."""

from __future__ import annotations

from typing import cast

from pyinfra import host
from pyinfra import state as run

from roles.pytorch.seen import Place
from roles.triton.facts import TritonState
from roles.triton.state import State


def look(place: Place) -> State:
    """What the box has, now."""
    kept = host.connector_data.setdefault("triton", {})
    if run.is_executing not in kept:  # what was seen while preparing is old when it is executed
        kept[run.is_executing] = host.get_fact(TritonState, venv=place.venv, python=place.python)
    return cast(State, kept[run.is_executing])


def changed() -> None:
    """A step has changed what the look shows."""
    host.connector_data["triton"] = {}
