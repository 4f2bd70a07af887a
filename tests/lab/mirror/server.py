"""The mirror itself: sockets, threads and the record of what was asked."""

import socket
import socketserver
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.lab.mirror.messages import Answer, Reply, Request, clean_path, reply_to, whole
from tests.lab.mirror.misbehaviour import Misbehaviour, Misbehaviours
from tests.lab.mirror.routes import Handler, Route, Routes, folder

LOOPBACK = "127.0.0.1"
HOST_SEEN_BY_GUEST = "10.0.2.2"
LARGEST_POST = 64 * 1024 * 1024
IDLE_SECONDS = 60
# How long a shutdown may go unnoticed; a test pays half of it for each mirror.
POLL_SECONDS = 0.02


@dataclass
class Asked:
    """One request on record; `sent` grows while the body is handed to the connection."""

    method: str
    path: str
    query: str
    range: str
    status: int
    sent: int = 0


class Mirror:
    """One loopback server for all upstreams, from `with` to its end.

    + port: which one; 0 takes a free one
    + pace: waits so many seconds between the chunks of a slow reply; tests count instead
    + report: told of each request when it is over
    """

    def __init__(
        self,
        port: int = 0,
        pace: Callable[[float], object] = time.sleep,
        report: Callable[[Asked], object] | None = None,
    ) -> None:
        self.port = port
        self.pace = pace
        self.report = report
        self._routes = Routes()
        self._misbehaviours = Misbehaviours()
        self._asked: list[Asked] = []

    def __enter__(self) -> Self:
        self._server = _Server(self, self.port)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def guest_url(self) -> str:
        return f"http://{HOST_SEEN_BY_GUEST}:{self.port}"

    @property
    def requests(self) -> list[Asked]:
        """What was asked until now, in order; a request is on it before its reply goes out."""
        return list(self._asked)

    def serve(self, prefix: str, handler: Handler, posts: bool = False) -> None:
        self._routes.add(Route(prefix, handler, posts))

    def serve_folder(self, prefix: str, path: Path) -> None:
        self.serve(prefix, folder(path))

    def misbehave(self, pattern: str, kind: Misbehaviour, times: int | None = None) -> None:
        """Spoil requests whose path matches a shell pattern (`*` crosses `/`).

        Where several match, the first ordered that has times left is met.
        """
        self._misbehaviours.add(pattern, kind, times)

    def behave(self) -> None:
        """Forget all misbehaviours."""
        self._misbehaviours.clear()

    def reply(self, request: Request) -> Reply:
        kind = self._misbehaviours.take(request)
        return kind.reply(request, self._well_behaved) if kind else self._well_behaved(request)

    def _well_behaved(self, request: Request) -> Reply:
        return reply_to(request, self._routes.answer(request))

    def record(self, asked: Asked) -> None:
        self._asked.append(asked)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 1024  # a hundred boxes ask for several things each, all at once

    def __init__(self, mirror: Mirror, port: int) -> None:
        self.mirror = mirror
        self._connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), _Exchange)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that are kept alive: their threads wait for a next request."""
        for connection in self._connections.copy():
            with suppress(OSError):  # it ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients may go as they please
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    """One connection; `_exchange` is one request on it and its reply."""

    protocol_version = "HTTP/1.1"
    server_version = "mirror"
    sys_version = ""
    disable_nagle_algorithm = True  # header and body are two writes: 40 ms a reply otherwise
    timeout = IDLE_SECONDS
    server: _Server

    def _exchange(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.send_error(411)
        elif int(length) > LARGEST_POST:
            self.send_error(413)
        else:
            with closing(self._body(int(length))) as body:
                self._answer(body)

    do_GET = do_HEAD = do_POST = _exchange  # noqa: N815 (what http.server calls)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the record is `Mirror.requests`, and `report` for who wants to see it."""

    def _body(self, length: int) -> IO[bytes]:
        """The request's body on disk, where a CGI program can take it."""
        body = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the caller)
        body.write(self.rfile.read(length))
        body.seek(0)
        return body

    def _answer(self, body: IO[bytes]) -> None:
        mirror = self.server.mirror
        target, _, query = self.path.partition("?")
        path = clean_path(target)
        names = {name.lower() for name in self.headers}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in names}
        request = Request(target if path is None else path, self.command, query, headers, body)
        reply = whole(Answer.note(404, "no such path")) if path is None else self._reply(request)
        asked = Asked(request.method, request.path, query, headers.get("range", ""), reply.status)
        # On record before a byte is out: who has the reply finds its request there.
        mirror.record(asked)
        with closing(reply.body):
            self._send(reply, asked)
        if mirror.report:
            mirror.report(asked)

    def _reply(self, request: Request) -> Reply:
        try:
            return self.server.mirror.reply(request)
        except Exception as error:  # a handler's mistake: shown to the client, where tests look
            return whole(Answer.note(500, f"{request.path}: {error!r}"))

    def _send(self, reply: Reply, asked: Asked) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name.title(), value)
        if reply.status != 304:
            self.send_header("Content-Length", str(reply.length))
        try:
            self.end_headers()
            complete = self.command == "HEAD" or self._send_body(reply, asked)
        except OSError:  # the client went away
            complete = False
        if not complete:
            self.close_connection = True

    def _send_body(self, reply: Reply, asked: Asked) -> bool:
        """Send what there is; False when the connection has to end with it."""
        for chunk in reply.chunks():
            if reply.rate is not None:
                self.server.mirror.pace(len(chunk) / reply.rate)
            asked.sent += len(chunk)
            self.wfile.write(chunk)
        if reply.resets:
            # Closed without lingering, a socket sends RST; it is closed when its reader is too.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return not reply.resets and asked.sent == reply.length
