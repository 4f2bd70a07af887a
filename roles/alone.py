"""Shell that runs on a box one script at a time, whichever run has begun it. Pure: text out."""

from __future__ import annotations

from pathlib import Path

ALONE = Path(__file__).with_name("alone.sh")


def alone(script: str) -> str:
    """The same, once nobody else is at it."""
    return ALONE.read_text() + script
