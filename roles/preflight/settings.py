"""What a person may say about the preflight."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting

# What a stop can be about; the keys of `preflight_accept`.
STOPS = ("apt-lock", "bar", "cards", "cooling", "dpkg", "driver", "release", "root", "space")


@dataclass(frozen=True)
class Settings:
    """Settings of the room preflight."""

    preflight_accept: dict[str, str] = setting(
        {},
        "Stops that you take upon yourself: the finding's code, and your reason, which the report "
        "repeats. It becomes a warning, and the run goes on.",
        choices=STOPS,
    )
    preflight_free_gib: int = setting(
        30, "Free space, in GiB, that an installation needs on the file system of /opt.", least=0
    )
    preflight_idle_celsius: int = setting(
        70,
        "A card that does nothing and is hotter than this is taken to have no cooling.",
        least=30,
    )
