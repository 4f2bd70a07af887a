"""Served is said of a model that answers with text; of any other it is said why it does not."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from roles.vllm import answers, health, probes
from roles.vllm.health import Health, judge
from roles.vllm.state import Unit

KEY = "s3cret-of-this-test"
RUNS = Unit("regraft-vllm-chat.service", "f00", True, 8000, "active", "success", 0, True, False)
MODELS = json.dumps({"data": [{"id": "chat"}]})


def completion(text: str) -> str:
    return json.dumps({"choices": [{"text": text}]})


HEALTHY: dict[str, Any] = {
    "health": [200, ""],
    "models": [200, MODELS],
    "completion": [200, completion(" seven, eight, nine")],
}


def test_a_model_that_answers_with_text_is_served() -> None:
    assert judge("chat", HEALTHY, RUNS) == Health("chat", "served")


@pytest.mark.parametrize(
    ("answer", "condition", "why"),
    [
        ({"health": [0, "ConnectionResetError: reset"]}, "starting", "no answer yet"),
        ({"health": [503, ""]}, "broken", "its engine is dead"),
        ({"models": [401, "{}"]}, "broken", "does not take the key"),
        ({"models": [200, '{"data": [{"id": "other"}]}']}, "broken", "does not have it"),
        ({"models": [200, "<html>"]}, "broken", "does not have it"),
        ({"models": [0, "timed out"]}, "slow", "does not answer"),
        ({"completion": [0, "TimeoutError: timed out"]}, "slow", "busy, or it hangs"),
        ({"completion": [500, '{"error": "x"}']}, "broken", "HTTP 500"),
        ({"completion": [200, completion("!!!!!!!!!!!!")]}, "broken", "garbage: '!!!!!!!!!!!!'"),
        ({"completion": [200, completion("! ! ! !")]}, "broken", "garbage"),
        ({"completion": [200, completion("0000000")]}, "broken", "garbage"),
        ({"completion": [200, completion(".,;!?")]}, "broken", "garbage"),
        ({"completion": [200, completion("  \n")]}, "broken", "empty"),
        ({"completion": [200, "nonsense"]}, "broken", "empty"),
    ],
)
def test_any_other_answer_is_told_apart(
    answer: Mapping[str, Any], condition: str, why: str
) -> None:
    found = judge("chat", {**HEALTHY, **answer}, RUNS)
    assert (found.condition, why in found.why) == (condition, True)


@pytest.mark.parametrize("text", [" seven, eight", "七、八、九", " 7 8 9 10", "OK!!!!"])
def test_text_of_any_language_is_text(text: str) -> None:
    assert health.garbage(text) == ""


@pytest.mark.parametrize(
    ("active", "restarts", "condition"),
    [
        ("active", 0, "served"),
        ("active", 1, "served"),
        ("active", 9, "served"),  # it may have failed long ago
        ("failed", 0, "ended"),
        ("inactive", 0, "ended"),
    ],
)
def test_a_unit_that_does_not_run_serves_nothing(
    active: str, restarts: int, condition: str
) -> None:
    unit = Unit(RUNS.name, "", True, 8000, active, "exit-code", restarts, True, False)
    assert judge("chat", HEALTHY, unit).condition == condition


@pytest.mark.parametrize("answer", [{"health": [0, "refused"]}, {"completion": [0, "reset"]}])
def test_a_unit_that_begins_again_and_again_without_an_answer_is_not_waited_for(
    answer: Mapping[str, Any],
) -> None:
    def condition(restarts: int) -> str:
        unit = Unit(RUNS.name, "", True, 8000, "active", "exit-code", restarts, True, False)
        return judge("chat", {**HEALTHY, **answer}, unit).condition

    assert condition(1) in ("starting", "slow")
    assert condition(2) == "broken"


def test_no_unit_and_no_answer_are_no_health() -> None:
    assert judge("chat", HEALTHY, None).condition == "ended"
    assert "python3" in judge("chat", None, RUNS).why


def test_what_is_no_line_of_ours_is_passed_over() -> None:
    said = {
        "answers": ["warning: x", "[]", json.dumps({"name": "chat", **HEALTHY})],
        "units": [
            "unit regraft-vllm-chat.service",
            "sum f00",
            "Id=regraft-vllm-chat.service",
            "ActiveState=active",
        ],
    }
    assert [one.condition for one in health.read(["chat", "code"], said)] == ["served", "ended"]


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("rocBLAS error: Cannot read TensileLibrary.dat: for GPU arch : gfx906", "rocBLAS"),
        ("RuntimeError: HIP error: no kernel image is available for execution", "no code for"),
        ("error: unsupported target: 'gfx906'", "Triton in this image"),
        ("torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 GiB", "not enough"),
        (
            "ValueError: Free memory on device (1.2/16.0 GiB) on startup is less than desired GPU "
            "memory utilization (0.9, 14.4 GiB).",
            "something else holds",
        ),
        (
            "ValueError: To serve at least one request with the models's max seq len (131072), "
            "16.00 GiB KV cache is needed",
            "KV cache of this context",
        ),
        ("Unable to open /dev/kfd read-write: Operation not permitted", "cannot use the card"),
        (
            "Total number of attention heads (25) must be divisible by tensor parallel size (2)",
            "part into so many",
        ),
        (
            'docker: Error response from daemon: exec: "vllm": executable file not found in $PATH',
            "no such program",
        ),
        (
            "docker: Error response from daemon: error gathering device information while adding "
            'custom device "/dev/dri/renderD128": no such file or directory',
            "is not there",
        ),
        ("vllm: error: unrecognized arguments: --foo", "one of the arguments"),
        ("[rank1]: RCCL error: unhandled system error", "do not reach each other"),
    ],
)
def test_a_cause_is_recognised_in_the_last_lines(line: str, means: str) -> None:
    told = health.cause("its unit is failed", ["INFO starting", line, "Traceback: x"])
    assert means in told
    assert "Next: " in told


def test_a_cause_is_recognised_in_what_was_wrong_with_an_answer() -> None:
    wrong = judge("chat", {**HEALTHY, "completion": [200, completion("!!!!")]}, RUNS)
    assert "ROCm 6.4" in health.cause(wrong.why, [])
    before = ["HIP out of memory"]  # of an earlier start, it may be
    assert "ROCm 6.4" in health.cause(wrong.why, before)
    other = judge("chat", {**HEALTHY, "models": [401, ""]}, RUNS)
    assert "restart" in health.cause(other.why, [])


def test_what_is_not_recognised_has_no_cause() -> None:
    assert health.cause("its unit is failed", ["INFO all is well"]) == ""


class Server(BaseHTTPRequestHandler):
    """Answers as vLLM does, where it is told to; remembers what it was asked for."""

    says: Mapping[str, tuple[int, str]]
    asked: list[tuple[str, str | None, Any]]

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, told: Any) -> None:
        authorization = self.headers.get("Authorization")
        type(self).asked.append((self.path, authorization, told))
        status, text = type(self).says.get(self.path, (404, "{}"))
        if self.path.startswith("/v1") and authorization != f"Bearer {KEY}":
            status, text = 401, f"no, {authorization}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Server.says = {
        "/health": (200, ""),
        "/v1/models": (200, MODELS),
        "/v1/completions": (200, completion(" seven")),
    }
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def said(server: ThreadingHTTPServer, key: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The program as a box runs it, told of one model."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")  # the box's, which is for elsewhere
    told = {
        "key": str(key),
        "addresses": {"chat": f"http://127.0.0.1:{server.server_port}"},
        "seconds": 20,
        "patience": 0,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", Path(answers.__file__).read_text(), json.dumps(told)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_box_asks_its_models_with_the_key_and_shows_it_to_nobody(
    server: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (one,) = said(server, tmp_path / "key", monkeypatch)
    assert judge("chat", one, RUNS).condition == "served"
    assert [(path, key) for path, key, _ in Server.asked] == [
        ("/health", None),
        ("/v1/models", f"Bearer {KEY}"),
        ("/v1/completions", f"Bearer {KEY}"),
    ]
    assert Server.asked[-1][2]["model"] == "chat"
    Server.says = {**Server.says, "/v1/models": (500, f"you sent {KEY}")}
    told = said(server, tmp_path / "key", monkeypatch)
    assert KEY not in json.dumps(told)
    assert "[key]" in told[0]["models"][1]


def test_a_key_that_is_not_the_servers_is_told_as_that(
    server: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("another", None):
        if key:
            (tmp_path / "key").write_text(key)
        else:
            (tmp_path / "key").unlink()
        (one,) = said(server, tmp_path / "key", monkeypatch)
        assert "does not take the key" in judge("chat", one, RUNS).why


def test_a_port_that_nobody_has_is_a_model_that_still_starts(tmp_path: Path) -> None:
    found = answers.answer("chat", "http://127.0.0.1:1", "", 5)
    assert judge("chat", found, RUNS).condition == "starting"


def test_the_key_is_on_no_command_line_that_asks() -> None:
    """What is sent names the file; the program reads it."""
    asks = probes.answers("/etc/regraft/vllm.key", {"chat": "http://127.0.0.1:8000"}, 60, 20)
    assert "/etc/regraft/vllm.key" in asks["answers"]
    assert "cat " not in asks["answers"]
    assert "$(" not in asks["answers"]
