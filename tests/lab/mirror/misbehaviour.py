"""What may go wrong upstream, as data: each kind says how it changes the reply to one request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import quote

from tests.lab.mirror.messages import Answer, Reply, Request, whole

Ask = Callable[[Request], Reply]

PORTAL = b"<!DOCTYPE html><title>Sign in</title><h1>Sign in to use this network</h1>\n"


class Misbehaviour:
    """A kind of misbehaviour; `ask` gives the reply that a good mirror would."""

    def applies(self, request: Request) -> bool:
        """Whether this request would notice; one that would not is not counted."""
        return True

    def reply(self, request: Request, ask: Ask) -> Reply:
        raise NotImplementedError


class _OfBody(Misbehaviour):
    def applies(self, request: Request) -> bool:
        return request.method != "HEAD"


class _OfRange(Misbehaviour):
    def applies(self, request: Request) -> bool:
        return request.method == "GET" and "range" in request.headers


@dataclass(frozen=True)
class WrongBytes(_OfBody):
    """The right length, one byte wrong; `offset` is in the file, also when a range is asked for."""

    offset: int = 0

    def reply(self, request: Request, ask: Ask) -> Reply:
        return replace(ask(request), flipped=self.offset)


@dataclass(frozen=True)
class Truncated(_OfBody):
    """All is promised, and the connection is closed in order after so many bytes of this reply."""

    after: int

    def reply(self, request: Request, ask: Ask) -> Reply:
        return replace(ask(request), ends_after=self.after)


@dataclass(frozen=True)
class Cut(_OfBody):
    """The connection is reset after so many bytes of this reply; some may be lost on the way."""

    after: int

    def reply(self, request: Request, ask: Ask) -> Reply:
        return replace(ask(request), ends_after=self.after, resets=True)


@dataclass(frozen=True)
class Slow(_OfBody):
    """A tenth of a second between chunks of a tenth of the rate, which is to be ten or more."""

    bytes_per_second: int

    def reply(self, request: Request, ask: Ask) -> Reply:
        return replace(ask(request), rate=self.bytes_per_second)


@dataclass(frozen=True)
class RangeIgnored(_OfRange):
    """The whole body with 200: appended to what is there already, it makes a wrong file."""

    def reply(self, request: Request, ask: Ask) -> Reply:
        return ask(request.without("range", "if-range"))


@dataclass(frozen=True)
class RangeRefused(_OfRange):
    """416 although the range exists."""

    def reply(self, request: Request, ask: Ask) -> Reply:
        return whole(Answer.note(416, "range not satisfiable"))


@dataclass(frozen=True)
class Stale(Misbehaviour):
    """What the mirror has at another path, such as an older index, in place of this one."""

    instead: str

    def reply(self, request: Request, ask: Ask) -> Reply:
        return ask(replace(request, path=self.instead.lstrip("/")))


@dataclass(frozen=True)
class Missing(Misbehaviour):
    def reply(self, request: Request, ask: Ask) -> Reply:
        return whole(Answer.note(404, f"no file {request.path}"))


@dataclass(frozen=True)
class Refused(Misbehaviour):
    def reply(self, request: Request, ask: Ask) -> Reply:
        return whole(Answer.note(503, "service unavailable"))


@dataclass(frozen=True)
class HtmlPage(Misbehaviour):
    """200 with the page of a portal, as networks that want a login answer anything."""

    def reply(self, request: Request, ask: Ask) -> Reply:
        return whole(Answer.of(PORTAL, "text/html"))


@dataclass(frozen=True)
class RedirectLoop(Misbehaviour):
    def reply(self, request: Request, ask: Ask) -> Reply:
        answer = Answer.note(302, "here again")
        return whole(replace(answer, headers={"location": "/" + quote(request.path)}))


@dataclass
class _Order:
    pattern: str
    kind: Misbehaviour
    left: int | None


class Misbehaviours:
    """What was ordered, first come first: a 503 once and a cut once spoil two requests in turn."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._lock = threading.Lock()

    def add(self, pattern: str, kind: Misbehaviour, times: int | None) -> None:
        with self._lock:
            self._orders.append(_Order(pattern.lstrip("/"), kind, times))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def take(self, request: Request) -> Misbehaviour | None:
        """The kind that this request meets, if any; it counts as one of its times."""
        with self._lock:
            for order in self._orders:
                due = order.left != 0 and fnmatchcase(request.path, order.pattern)
                if due and order.kind.applies(request):
                    order.left = None if order.left is None else order.left - 1
                    return order.kind
        return None
