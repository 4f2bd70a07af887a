"""What a person may say about where bytes come from."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the room upstream."""

    upstream_addresses: dict[str, str] = setting(
        {}, "Addresses to use in place of those in roles/upstream/upstreams.toml, by name."
    )
    upstream_lock: str = setting(
        "regraft.lock.toml",
        "The file that records what was found at first use; relative to where pyinfra is run.",
    )
    upstream_cache: str = setting(
        "~/.cache/regraft", "The folder for what is fetched and built on the controller."
    )
