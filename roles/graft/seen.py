"""What the steps of the role graft share: one look, taken anew only after a step has changed it."""

from __future__ import annotations

from typing import cast

from pyinfra import host
from pyinfra import state as run

from roles.graft.facts import GraftState
from roles.graft.state import State
from roles.rocm.release import Release


def look(release: Release, arch: str) -> State:
    """What the box has of grafts, now."""
    kept = host.connector_data.setdefault("graft", {})
    if run.is_executing not in kept:  # what was seen while preparing is old when it is executed
        kept[run.is_executing] = host.get_fact(
            GraftState, prefix=release.prefix, release=release.release, arch=arch
        )
    return cast(State, kept[run.is_executing])


def changed() -> None:
    """A step has changed what the look shows."""
    host.connector_data["graft"] = {}
