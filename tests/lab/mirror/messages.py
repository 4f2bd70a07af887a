"""What the mirror is asked and what it answers: HTTP's rules for conditions and ranges, no socket.

A handler gives an `Answer`, always the whole thing. `reply_to` makes of it the `Reply` that this
request gets: all of it, a range, "not modified". So ranges work alike for files, generated pages
and what a proxy fetched. Header names are lower case on both sides.
"""

import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import IO, Protocol
from urllib.parse import unquote

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Reader(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Request:
    """A request: `path` has no leading slash, `rest` is what follows the prefix of its route."""

    path: str
    method: str = "GET"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: IO[bytes] = field(default_factory=io.BytesIO)
    rest: str = ""

    def without(self, *names: str) -> "Request":
        return replace(self, headers={k: v for k, v in self.headers.items() if k not in names})


@dataclass(frozen=True)
class Answer:
    """The whole content behind a path; seekable, so that a range costs its own bytes only."""

    body: IO[bytes]
    size: int
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content: bytes, kind: str = "application/octet-stream") -> "Answer":
        tag = hashlib.sha256(content).hexdigest()[:32]
        headers = {"content-type": kind, "etag": f'"{tag}"'}
        return cls(io.BytesIO(content), len(content), headers=headers)

    @classmethod
    def note(cls, status: int, text: str) -> "Answer":
        """A line for a person: why there is no content."""
        content = f"{text}\n".encode()
        return cls(io.BytesIO(content), len(content), status, {"content-type": "text/plain"})

    @classmethod
    def spooled(cls, reader: Reader, status: int, headers: Mapping[str, str]) -> "Answer":
        """Content of unknown length, put on disk first so that its length can be told."""
        body = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the reply)
        shutil.copyfileobj(reader, body, CHUNK)
        return cls(body, body.tell(), status, headers)


@dataclass(frozen=True)
class Reply:
    """What goes out: the bytes `start` to `stop` of `body`, and what spoils the sending."""

    status: int
    headers: Mapping[str, str]
    body: IO[bytes]
    start: int
    stop: int
    flipped: int | None = None  # offset in the whole content of a byte that goes out wrong
    ends_after: int | None = None  # bytes after which the connection ends
    resets: bool = False  # ... with a reset, not in order
    rate: int | None = None  # bytes a second

    @property
    def length(self) -> int:
        return self.stop - self.start

    def chunks(self) -> Iterator[bytes]:
        """The bytes to send; when slow, ten chunks a second and not one burst."""
        step = CHUNK if self.rate is None else max(1, min(CHUNK, self.rate // 10))
        stop = (
            self.stop if self.ends_after is None else min(self.stop, self.start + self.ends_after)
        )
        at = self.start
        self.body.seek(at)
        while at < stop and (chunk := self.body.read(min(step, stop - at))):
            if self.flipped is not None and 0 <= self.flipped - at < len(chunk):
                wrong = bytearray(chunk)
                wrong[self.flipped - at] ^= 0xFF
                chunk = bytes(wrong)
            yield chunk
            at += len(chunk)


def clean_path(target: str) -> str | None:
    """The decoded path without leading slash and `.`; None when it climbs or holds a NUL."""
    decoded = unquote(target)
    parts = decoded.split("/")
    if ".." in parts or "\0" in decoded:
        return None
    kept = [part for part in parts if part not in ("", ".")]
    return "/".join(kept) + ("/" if kept and parts[-1] in ("", ".") else "")


def whole(answer: Answer) -> Reply:
    return Reply(answer.status, answer.headers, answer.body, 0, answer.size)


def reply_to(request: Request, answer: Answer) -> Reply:
    """What this request gets of the content: all of it, a range, or word that it has it already."""
    if answer.status != 200 or request.method == "POST":
        return whole(answer)
    reply = replace(whole(answer), headers={"accept-ranges": "bytes", **answer.headers})
    if _unchanged(request.headers, answer.headers):
        return replace(reply, status=304, stop=0)
    span = _span(request, answer)
    if span is None:
        return reply
    if not span:
        headers = {"content-range": f"bytes */{answer.size}"}
        return replace(reply, status=416, headers=headers, stop=0)
    shown = f"bytes {span.start}-{span.stop - 1}/{answer.size}"
    headers = {**reply.headers, "content-range": shown}
    return replace(reply, status=206, headers=headers, start=span.start, stop=span.stop)


def _unchanged(asked: Mapping[str, str], has: Mapping[str, str]) -> bool:
    if "if-none-match" in asked:  # it alone decides when it is there
        tags = [tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")]
        return "*" in tags or has.get("etag") in tags
    if "if-modified-since" not in asked or "last-modified" not in has:
        return False
    try:
        since = parsedate_to_datetime(asked["if-modified-since"])
        return parsedate_to_datetime(has["last-modified"]) <= since
    except (TypeError, ValueError):  # not a date, or one without a zone: no condition
        return False


def _span(request: Request, answer: Answer) -> range | None:
    """The bytes asked for; empty when there are none such, None when the whole is to be sent.

    Several ranges in one request are answered with the whole, as the RFC allows: no client here
    asks for them.
    """
    found = RANGE.fullmatch(request.headers.get("range", ""))
    if request.method != "GET" or not found or found[0] == "bytes=-":
        return None
    holds = request.headers.get("if-range")
    if holds and holds not in (answer.headers.get("etag"), answer.headers.get("last-modified")):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, answer.size - int(last)), answer.size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(answer.size, int(last) + 1) if last else answer.size)
