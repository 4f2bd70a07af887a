"""The HTTP side: /health for anyone, /v1 for who has a key."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from .answers import Wrong, asked, models, pieces, whole, words
from .model import Model

MOST = 16 << 20  # bytes of a request
ROUTES = {
    "/health": "GET",
    "/v1/models": "GET",
    "/v1/completions": "POST",
    "/v1/chat/completions": "POST",
}


class Server(ThreadingMixIn, TCPServer):
    """
    Not http.server's own, which asks for this machine's name, and waits where nobody knows it.

    + keys: any of which lets in; none: anyone is let in + logs: each request
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], model: Model, keys: list[str], logs: bool) -> None:
        self.model, self.keys, self.logs = model, keys, logs
        self.started = int(time.time())
        super().__init__(place, Exchange)


class Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "uvicorn", ""
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.server.logs:
            host, port = self.client_address[:2]
            print(f'INFO:     {host}:{port} - "{self.requestline}" {int(code)}', flush=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing beside the requests."""

    def _exchange(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/v1") and not self._is_let_in():
            self._refuse(401, {"error": "Unauthorized"})
        elif path not in ROUTES:
            self._refuse(404, {"detail": "Not Found"})
        elif ROUTES[path] != self.command:
            self._refuse(405, {"detail": "Method Not Allowed"})
        elif path == "/health":
            self._send(200, b"")
        elif path == "/v1/models":
            self._say(200, models(self.server.model, self.server.started))
        else:
            self._answer(path)

    def _is_let_in(self) -> bool:
        scheme, _, said = self.headers.get("Authorization", "").partition(" ")
        good = [secrets.compare_digest(said.encode(), key.encode()) for key in self.server.keys]
        return not good or (scheme.lower() == "bearer" and any(good))

    def _answer(self, path: str) -> None:
        try:
            wanted = asked(self._body(), "chat" in path, self.server.model)
        except Wrong as problem:
            kind = "NotFoundError" if problem.status == 404 else "BadRequestError"
            told = {"message": str(problem), "type": kind, "param": None, "code": problem.status}
            self._refuse(problem.status, {"error": told})
            return
        said = words(wanted, self.server.model)
        name, now = f"{'chatcmpl' if wanted.chat else 'cmpl'}-{secrets.token_hex(16)}", time.time()
        if wanted.stream:
            self._stream(pieces(wanted, said, name, int(now)))
        else:
            self._say(200, whole(wanted, said, name, int(now)))

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > MOST:
            raise Wrong(f"a body of at most {MOST} bytes is wanted, and its length")
        try:
            return json.loads(self.rfile.read(int(length)))
        except ValueError as problem:
            raise Wrong(f"the body is no JSON: {problem}") from problem

    def _stream(self, parts: Iterable[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (*map(json.dumps, parts), "[DONE]"):
            event = f"data: {part}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.write(b"0\r\n\r\n")

    def _refuse(self, status: int, told: dict[str, Any]) -> None:
        self.close_connection = True  # what it may have sent beside is not read
        self._say(status, told)

    def _say(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
