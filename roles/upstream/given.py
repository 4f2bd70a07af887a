"""What an inventory says of upstreams, as roles hand it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roles import settings
from roles.upstream.settings import Settings
from roles.upstream.table import upstreams


@dataclass(frozen=True)
class Given:
    """
    Where things come from, and where they are kept on the controller.

    + addresses: of the upstreams, by name
    + lock: the file of what was found at first use
    + cache: the folder for what is fetched and built
    """

    addresses: Mapping[str, str]
    lock: str
    cache: str


def given(data: Mapping[str, Any]) -> Given:
    """Of a host's data."""
    own = settings.read(Settings, data)
    return Given(
        {one.name: one.address for one in upstreams(own.upstream_addresses)},
        str(Path(own.upstream_lock).expanduser().resolve()),
        str(Path(own.upstream_cache).expanduser()),
    )
