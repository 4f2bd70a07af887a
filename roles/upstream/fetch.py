"""One file from an upstream: whole and as expected under its name, or not there at all.

What is there of it so far lies beside it as NAME.part, and what the server called that state of
the file as NAME.part.json: with both, a later run goes on where an earlier one was cut off.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from roles.upstream.alone import alone
from roles.upstream.answer import Body, Cut, FetchRefused, body

Say = Callable[[str], None]
Headers = Callable[[], Mapping[str, str]]

CHUNK = 1 << 16
TIMES = 5  # attempts in a row that bring nothing new
PAUSE_SECONDS = 1.0  # after the first of them, then twice that, and so on
CONNECT_SECONDS = 20.0
STALL_SECONDS = 60.0  # without a byte
SPARE_BYTES = 64 << 20  # that a disk is left with
MIRROR = "check the network, or name a mirror: upstream_addresses in the inventory"

__all__ = ["FetchRefused", "Fetched", "fetch", "mb", "short"]


@dataclass(frozen=True)
class Fetched:
    """+ path: the whole file + sha256: of what is in it + size: in bytes"""

    path: Path
    sha256: str
    size: int


def fetch(
    address: str,
    into: Path,
    *,
    sha256: str = "",
    most: int,
    say: Say,
    headers: Headers | None = None,
) -> Fetched:
    """
    The file at an address, under this path; one that is there already is not asked for again.

    + sha256: what it has to be; what is there and is something else is fetched anew
    + most: bytes that it may have
    + say: told how far it is, about once a second at most
    + headers: asked for each attempt anew, so that a 401 is no end: what they say may expire
    """
    into.parent.mkdir(parents=True, exist_ok=True)

    def waiting() -> None:
        say(f"{into.name}: another run is fetching it")

    with alone(into.with_name(f"{into.name}.lock"), waiting):
        if into.exists():
            there = Fetched(into, _digest(into).hexdigest(), into.stat().st_size)
            if sha256.lower() in ("", there.sha256):
                return there
            into.unlink()
        return _Download(address, into, sha256, most, say, headers).run()


class _Download:
    """One file on its way; `run` tries until it is there or there is no point."""

    def __init__(
        self,
        address: str,
        into: Path,
        sha256: str,
        most: int,
        say: Say,
        headers: Headers | None,
    ) -> None:
        self.address, self.into, self.sha256, self.most = address, into, sha256.lower(), most
        self.say, self.headers = say, headers
        self.missing = 0  # bytes, by the last answer
        self.part = into.with_name(f"{into.name}.part")
        self.state = into.with_name(f"{into.name}.part.json")
        self.inherited = self.part.exists()  # from an earlier run, and perhaps of another file

    def run(self) -> Fetched:
        idle, furthest = 0, self._there()
        while True:
            try:
                digest = self._attempt()
            except Cut as problem:
                idle = 0 if self._there() > furthest else idle + 1
                furthest = max(furthest, self._there())
                if idle >= TIMES:
                    raise FetchRefused(
                        f"{self.address} cannot be fetched: {problem}, {idle} times in a row. "
                        f"Next: {MIRROR}"
                    ) from problem
                self.say(f"{self.into.name}: {problem}; trying again from {mb(self._there())}")
                time.sleep(PAUSE_SECONDS * 2 ** max(0, idle - 1))
                continue
            if self.sha256 in ("", digest):
                return self._placed(digest)
            inherited = self.inherited
            self._forget()
            if not inherited:
                raise FetchRefused(
                    f"{self.address} gave a file with sha256 {digest}, expected was {self.sha256}. "
                    f"It is deleted. Next: do not go on before you know why; {MIRROR}"
                )
            self.say(f"{self.into.name}: what was there of it is of another file; from the start")

    def _attempt(self) -> str:
        """Ask for what is missing, and write it. The sha256 of all; Cut when it is not all."""
        timeouts = (CONNECT_SECONDS, STALL_SECONDS)
        try:
            with requests.get(
                self.address, headers=self._headers(), timeout=timeouts, stream=True
            ) as answer:
                if answer.status_code == 401 and self.headers:
                    raise Cut(f"HTTP 401 {answer.reason}")
                found = body(answer, self.address, self._there(), self.most)
                self.missing = found.missing
                return self._write(answer.raw, found)
        except (requests.ConnectionError, requests.Timeout, HTTPError) as problem:
            raise Cut(short(problem)) from problem
        except requests.RequestException as problem:
            raise FetchRefused(
                f"{self.address} cannot be fetched: {problem}. Next: {MIRROR}"
            ) from problem
        except OSError as problem:  # the network's are all above
            raise self._unwritable(problem) from problem
        except Cut as problem:
            if problem.restart:
                self._forget()
            raise

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}  # what is packed already is not packed again
        headers |= self.headers() if self.headers else {}
        if there := self._there():
            headers |= {"Range": f"bytes={there}-", "If-Range": self._validator()}
        return headers

    def _validator(self) -> str:
        """What the server called the state of the file that the part is of; empty: unknown."""
        try:
            told = json.loads(self.state.read_text())
            return str(told["validator"]) if told["address"] == self.address else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _write(self, source: HTTPResponse, found: Body) -> str:
        if not found.start:
            self._forget()
            told = {"address": self.address, "validator": found.validator}
            self.state.write_text(json.dumps(told))
        if shutil.disk_usage(self.part.parent).free < self.missing + SPARE_BYTES:
            raise OSError(errno.ENOSPC, "found before it is written")
        digest = _digest(self.part) if found.start else hashlib.sha256()
        progress = _Progress(self.into.name, found, self.say)
        at = found.start
        with self.part.open("ab") as file:
            while chunk := source.read(CHUNK, decode_content=False):
                at += len(chunk)
                if at > self.most:
                    self._forget()
                    raise FetchRefused(
                        f"{self.address} gives more than {mb(self.most)}, which this file cannot "
                        "have; it is deleted. Next: look at what is at that address"
                    )
                digest.update(chunk)
                file.write(chunk)
                progress.at(at)
            file.flush()
            os.fsync(file.fileno())
        if found.total is not None and at != found.total:
            raise Cut(f"the connection ended after {mb(at)} of {mb(found.total)}")
        return digest.hexdigest()

    def _unwritable(self, problem: OSError) -> FetchRefused:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            return FetchRefused(
                f"{self.part} cannot be written: {problem.strerror}. "
                f"Next: ls -ld {self.part.parent}"
            )
        free = shutil.disk_usage(self.part.parent).free
        return FetchRefused(
            f"the disk is full: {self.part} needs {self.missing} bytes more, {free} are free. "
            "Next: free some; what is there of it is kept, and the next run goes on from there"
        )

    def _placed(self, digest: str) -> Fetched:
        size = self.part.stat().st_size
        os.replace(self.part, self.into)
        self._forget()
        return Fetched(self.into, digest, size)

    def _there(self) -> int:
        """Bytes to go on from: none when nobody can tell which state of the file they are of."""
        return self.part.stat().st_size if self.part.exists() and self._validator() else 0

    def _forget(self) -> None:
        self.inherited = False
        for path in (self.part, self.state):
            path.unlink(missing_ok=True)


class _Progress:
    """Says how far it is: at each twentieth of the whole, and not twice in a second."""

    def __init__(self, name: str, found: Body, say: Say) -> None:
        self.name, self.found, self._say = name, found, say
        self._started = self._said_at = time.monotonic()
        self._said = found.start

    def at(self, size: int) -> None:
        now = time.monotonic()
        step = (self.found.total or 0) / 20
        if now - self._said_at < 1 or size - self._said < step:
            return
        self._said_at, self._said = now, size
        rate = (size - self.found.start) / (now - self._started) / 1e6
        of = f" of {mb(self.found.total)}" if self.found.total else ""
        self._say(f"{self.name}: {mb(size)}{of}, {rate:.1f} MB/s")


def _digest(path: Path) -> hashlib._Hash:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")


def mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size} bytes"


def short(problem: Exception) -> str:
    """The cause, without the layers around it."""
    said = str(problem.args[0]) if problem.args else ""
    return said.rpartition(": ")[2].strip("'\" ") or type(problem).__name__
