"""What a server's answer means for a file that is partly there. Pure but for the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)", re.ASCII)
PASSING = {408, 425, 429}  # and 5xx: worth another attempt


class FetchRefused(Exception):  # noqa: N818 - reads as what it says
    """The file is not the expected one, or cannot be had: cause, evidence, next step."""


class Cut(Exception):  # noqa: N818 - reads as what it says
    """It has not come whole, and may another time. + restart: what is there of it is of no use"""

    def __init__(self, cause: str, restart: bool = False) -> None:
        super().__init__(cause)
        self.restart = restart


@dataclass(frozen=True)
class Body:
    """What is about to come.

    + start: the byte that it begins with + total: bytes of the whole file, where it is said
    + validator: what the server calls this state of the file
    """

    start: int
    total: int | None
    validator: str

    @property
    def missing(self) -> int:
        """Bytes that are still to come, as far as is said."""
        return (self.total or self.start) - self.start


def body(answer: requests.Response, address: str, there: int, most: int) -> Body:
    """What this answer brings to a file of which so many bytes are there."""
    status = answer.status_code
    if status == 416:
        raise Cut("HTTP 416: the server has no such part of it", restart=True)
    if status >= 500 or status in PASSING:
        raise Cut(f"HTTP {status} {answer.reason}".strip())
    if status not in (200, 206):
        raise FetchRefused(
            f"{address} answers HTTP {status} {answer.reason}. Next: look at that address in a "
            "browser; name a mirror: upstream_addresses in the inventory"
        )
    if answer.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise FetchRefused(
            f"{address} answers with an HTML page (HTTP {status}) in place of a file. Next: look "
            "at it in a browser: a network's sign-in page, or a mirror that has moved? "
            "A mirror is named by upstream_addresses in the inventory"
        )
    found = _partial(answer, there) if status == 206 else Body(0, _length(answer), _name(answer))
    if (found.total or 0) > most:
        raise FetchRefused(
            f"{address} has {found.total} bytes, more than the {most} that this file can have. "
            "Next: look at what is at that address"
        )
    return found


def _partial(answer: requests.Response, there: int) -> Body:
    said = answer.headers.get("Content-Range", "")
    found = CONTENT_RANGE.fullmatch(said)
    if not there or not found or int(found[1]) != there:
        raise Cut(f"asked for the bytes from {there}, it sent {said or 'others'}", restart=True)
    return Body(there, None if found[2] == "*" else int(found[2]), _name(answer))


def _length(answer: requests.Response) -> int | None:
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() else None


def _name(answer: requests.Response) -> str:
    """Its strong ETag, else its date: a weak ETag is not good enough to go on from."""
    tag = answer.headers.get("ETag", "")
    return tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")
