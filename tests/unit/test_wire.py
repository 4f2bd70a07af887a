"""The SSH connection's options."""

from __future__ import annotations

import socket

from roles.wire import without_delay


def test_small_messages_leave_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as near,
    ):
        transport = without_delay(near)
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.close()


def test_a_channel_through_a_jump_host_has_no_such_option() -> None:
    class Channel:
        def settimeout(self, seconds: float) -> None:
            """As a channel takes it."""

    assert without_delay(Channel()).sock
