"""Which handler answers for a path: a route is a prefix and what serves it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path

from tests.lab.mirror.messages import Answer, Request

Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    """Serves what lies at and under a prefix; `posts` where its clients send something too."""

    prefix: str
    handler: Handler
    posts: bool = False


class Routes:
    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}

    def add(self, route: Route) -> None:
        """Put a route in place, instead of the one that had its prefix."""
        self._routes[route.prefix.strip("/")] = route

    def answer(self, request: Request) -> Answer:
        """Ask the route with the longest prefix."""
        parts = request.path.split("/")
        for count in range(len(parts), -1, -1):
            route = self._routes.get("/".join(parts[:count]))
            if route is None:
                continue
            if request.method == "POST" and not route.posts:
                return Answer.note(405, f"{request.path} takes no POST")
            return route.handler(replace(request, rest="/".join(parts[count:])))
        return Answer.note(404, f"no route for {request.path}")


def fixed(content: bytes, kind: str = "application/octet-stream") -> Handler:
    """Serve these bytes at the prefix itself."""

    def answer(request: Request) -> Answer:
        if request.rest:
            return Answer.note(404, f"nothing under {request.path}")
        return Answer.of(content, kind)

    return answer


def folder(root: Path) -> Handler:
    """Serve the files under a folder: no listing, and nothing that a link leads out to.

    Last-Modified knows whole seconds: a test that changes a file within one gives it another
    mtime, or a client that asks by date is told that it has it.
    """
    top = root.resolve(strict=True)

    def answer(request: Request) -> Answer:
        try:
            path = (top / request.rest).resolve()
            if request.rest.endswith("/") or not path.is_relative_to(top) or not path.is_file():
                return Answer.note(404, f"no file {request.path}")
            return _file(path)
        except OSError as error:
            return Answer.note(404, f"no file {request.path}: {error.strerror}")

    return answer


def _file(path: Path) -> Answer:
    body = path.open("rb")
    status = os.fstat(body.fileno())
    headers = {
        # Not guessed: with gzip as an encoding, clients would unpack what they should keep.
        "content-type": "application/octet-stream",
        "etag": f'"{status.st_mtime_ns:x}-{status.st_size:x}"',
        "last-modified": formatdate(int(status.st_mtime), usegmt=True),
    }
    return Answer(body, status.st_size, headers=headers)
