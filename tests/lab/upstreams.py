"""All that the lab has of upstreams, for a mirror to serve: AMD and Arch."""

from __future__ import annotations

from collections.abc import Iterator

from .amd import amd
from .arch import arch
from .mirror.routes import Route


def routes() -> Iterator[Route]:
    """A route each; what it serves is built if it is not there."""
    yield from amd().routes()
    yield from arch().routes()
