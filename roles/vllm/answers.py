"""What the models of a box answer: a program that is sent there, with what Python brings alone.

It is told in JSON, as its argument, where they are; the key it reads itself, so that no process
list has it. It says a line of JSON for each, and judges nothing.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

MOST = 65536  # bytes of an answer
PROMPT = "One, two, three, four, five, six,"
PAUSE_SECONDS = 1.0

# a proxy of the box's is for what is elsewhere
_opener = build_opener(ProxyHandler({}))


def asked(url: str, key: str, told: dict[str, Any] | None, seconds: float) -> tuple[int, str]:
    """The status and the text of an answer; status 0: there was none, and why."""
    request = Request(url, headers={"Content-Type": "application/json"})
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    if told is not None:
        request.data = json.dumps(told).encode()
    try:
        with _opener.open(request, timeout=seconds) as answer:
            status, body = answer.status, answer.read(MOST)
    except HTTPError as error:
        status, body = error.code, error.read(MOST)
    except Exception as error:  # of sockets, of HTTP, of its clock: no answer is no answer
        return 0, f"{type(error).__name__}: {error}"
    text = body.decode(errors="replace")
    return status, text.replace(key, "[key]") if key else text


def answer(name: str, address: str, key: str, seconds: float) -> dict[str, Any]:
    """All that one model answers, as far as it goes on answering."""
    found: dict[str, Any] = {"name": name}
    found["health"] = asked(f"{address}/health", "", None, min(seconds, 10))
    if found["health"][0] == 200:
        found["models"] = asked(f"{address}/v1/models", key, None, min(seconds, 10))
        if found["models"][0] == 200:
            told = {"model": name, "prompt": PROMPT, "max_tokens": 12, "temperature": 0}
            found["completion"] = asked(f"{address}/v1/completions", key, told, seconds)
    return found


def main(told: dict[str, Any]) -> None:
    """Ask all of them at once, and again those that do not answer yet, as long as there is time."""
    try:
        with open(told["key"], encoding="utf-8") as file:
            key = file.read().strip()
    except OSError:
        key = ""
    until = time.monotonic() + told["patience"]
    found: dict[str, dict[str, Any]] = {}
    lacking = dict(told["addresses"])
    while lacking:
        with ThreadPoolExecutor(len(lacking)) as pool:
            each = pool.map(
                lambda one: answer(one[0], one[1], key, told["seconds"]), lacking.items()
            )
            found.update({one["name"]: one for one in each})
        lacking = {name: lacking[name] for name in lacking if not found[name]["health"][0]}
        if not lacking or time.monotonic() > until:
            break
        time.sleep(PAUSE_SECONDS)
    for one in found.values():
        print(json.dumps(one))  # noqa: T201 - this is how it answers


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
