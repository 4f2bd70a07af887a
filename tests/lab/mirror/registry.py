"""The container registry: a real one on another loopback port, read through the mirror.

So that the guest has one address for all upstreams, requests are counted, and misbehaviours apply.
"""

import http.client
from contextlib import closing
from urllib.parse import quote

from tests.lab.mirror.messages import Answer, Request
from tests.lab.mirror.routes import Handler

SECONDS = 60

# Which form of a manifest is wanted, and under which name the registry should call itself.
ASKED_ON = ("accept", "authorization", "host")
# These are about one connection or say again what the mirror says itself.
NOT_PASSED = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


def registry(port: int) -> Handler:
    """Pass each request on to the registry, for the whole: ranges are the mirror's part."""

    def answer(request: Request) -> Answer:
        target = "/" + quote(request.path) + (f"?{request.query}" if request.query else "")
        asked = {name: request.headers[name] for name in ASKED_ON if name in request.headers}
        try:
            with closing(
                http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            ) as upstream:
                upstream.request("GET", target, headers=asked)
                response = upstream.getresponse()
                found = [(name.lower(), value) for name, value in response.getheaders()]
                headers = {name: value for name, value in found if name not in NOT_PASSED}
                return Answer.spooled(response, response.status, headers)
        except (OSError, http.client.HTTPException) as error:
            return Answer.note(502, f"no answer from the registry on port {port}: {error}")

    return answer
