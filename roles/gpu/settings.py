"""What a person may say about the cards of a box."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the room gpu."""

    gpu_user: str = setting(
        "", "The account that will use the cards; empty means the account that pyinfra logs in as."
    )
    gpu_stand_in: str = setting(
        "",
        "Only for lab boxes: what stands in for the cards. The report shows it, and nothing that "
        "such a box does counts as seen on a card.",
    )
