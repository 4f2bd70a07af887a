"""What the steps of the role graft share: one look."""

from __future__ import annotations

from typing import cast

from roles.graft.facts import GraftState
from roles.graft.state import State
from roles.look.once import ask
from roles.rocm.release import Release


def look(release: Release, arch: str) -> State:
    """What the box has of grafts, now."""
    found = ask(GraftState, prefix=release.prefix, release=release.release, arch=arch)
    return cast(State, found)
