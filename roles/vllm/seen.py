"""What the steps of the role vllm share: one look, and what the models have answered last."""

from __future__ import annotations

from typing import cast

from pyinfra import host

from roles.look.once import ask, ask_now
from roles.vllm import probes
from roles.vllm.facts import VllmAnswers, VllmState
from roles.vllm.health import Health
from roles.vllm.probes import Place
from roles.vllm.state import State


def look(place: Place) -> State:
    """What the box has, now."""
    found = ask(
        VllmState,
        key=place.key,
        cards=list(place.cards),
        models={
            one.name: ["", probes.hub(one)] if one.of_hub else [one.model, ""]
            for one in place.models
        },
    )
    return cast(State, found)


def answers(place: Place, seconds: int, patience: int) -> tuple[Health, ...]:
    """
    How the models are, by what they answer now.

    + seconds: for one answer + patience: for all of them to begin to answer
    """
    own = probes.reached(place.listen)
    found = ask_now(
        VllmAnswers,
        key=place.key,
        addresses={one.name: f"http://{own}:{one.port}" for one in place.models},
        seconds=seconds,
        patience=patience,
    )
    host.connector_data["vllm answers"] = found
    return found


def answered() -> tuple[Health, ...]:
    """How they were when they were asked last."""
    return cast(tuple[Health, ...], host.connector_data.get("vllm answers", ()))
