"""All that the lab has of upstreams, for a mirror to serve: AMD, Arch, PyTorch and digits."""

from __future__ import annotations

from collections.abc import Iterator

from . import digits
from .amd import amd
from .arch import arch
from .mirror.routes import Route, folder
from .mirror.upstreams import upstream
from .pytorch import pytorch


def routes() -> Iterator[Route]:
    """A route each; what it serves is built if it is not there."""
    yield from amd().routes()
    yield from arch().routes()
    torch = pytorch()
    yield from torch.routes() if torch else ()
    yield Route(upstream("mnist"), folder(digits.kept()))
