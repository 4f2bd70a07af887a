"""Shell that uses apt, for operations to yield. Pure: text out."""

from __future__ import annotations

from pathlib import Path

from roles.look.shell import snippet

APT = Path(__file__).with_name("apt.sh")


def with_apt(path: Path, **given: str) -> str:
    """The shell in a file, after apt.sh and assignments of what it is given."""
    return APT.read_text() + snippet(path, **given)
