"""The settings of the room look."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """How boxes are looked at."""

    look_once: bool = setting(
        True,
        "Whether a run asks at once what the last one has asked, and keeps the answers until it "
        "changes the box. False: every question is asked when it comes up.",
    )
