"""What the mirror needs so that a preflight sees each upstream answer, laid out from the table."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from roles.upstream.table import upstreams


def lay_out(root: Path) -> None:
    """Below root, one small file for each upstream's probe."""
    for one in upstreams({}):
        path = root / (urlsplit(one.address).path.strip("/") + "/" + one.probe)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("the lab's mirror\n")


def addresses(base: str) -> dict[str, str]:
    """Every upstream on a mirror at this base, for the inventory."""
    return {one.name: base + urlsplit(one.address).path for one in upstreams({})}
