"""The lab's upstreams: one loopback server with their layouts, which can be told to misbehave.

    with Mirror() as mirror:
        mirror.serve_folder(upstream("rocm-apt", release="6.4.3"), folder)
        mirror.misbehave("rocm/apt/*/InRelease", Refused(), times=1)
        ...                                   # a guest reads from mirror.guest_url
        assert [asked.status for asked in mirror.requests] == [503, 200]

A new upstream is a line in `upstreams.PREFIXES` and, when its files are not enough, a handler:
a function from a `Request` to an `Answer`.
"""

from tests.lab.mirror.messages import Answer, Request
from tests.lab.mirror.misbehaviour import (
    Cut,
    HtmlPage,
    Misbehaviour,
    Missing,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    Refused,
    Slow,
    Stale,
    Truncated,
    WrongBytes,
)
from tests.lab.mirror.routes import fixed, folder
from tests.lab.mirror.server import Asked, Mirror
from tests.lab.mirror.upstreams import upstream

__all__ = [
    "Answer",
    "Asked",
    "Cut",
    "HtmlPage",
    "Mirror",
    "Misbehaviour",
    "Missing",
    "RangeIgnored",
    "RangeRefused",
    "RedirectLoop",
    "Refused",
    "Request",
    "Slow",
    "Stale",
    "Truncated",
    "WrongBytes",
    "fixed",
    "folder",
    "upstream",
]
