"""What the lab has of upstreams, for a mirror to serve, from AMD's to a container registry."""

from __future__ import annotations

from collections.abc import Iterator

from . import digits
from .amd import amd
from .arch import arch
from .mirror.routes import Route, folder
from .mirror.upstreams import upstream
from .pytorch import pytorch
from .registry import container
from .triton import triton


def routes() -> Iterator[Route]:
    """A route each; what it serves is built if it is not there."""
    yield from amd().routes()
    yield from arch().routes()
    torch = pytorch()
    yield from torch.routes() if torch else ()
    source = triton()
    yield from source.routes() if source else ()
    yield from container().routes()
    yield Route(upstream("mnist"), folder(digits.kept()))
