"""What the steps of the role triton share: one look."""

from __future__ import annotations

from typing import cast

from roles.look.once import ask
from roles.pytorch.seen import Place
from roles.triton.facts import TritonState
from roles.triton.state import State


def look(place: Place) -> State:
    """What the box has, now."""
    return cast(State, ask(TritonState, venv=place.venv, python=place.python))
