"""The SSH connection to a box: nothing else here knows of paramiko."""

from __future__ import annotations

import socket
from typing import Any

import paramiko


def without_delay(sock: Any, **arguments: Any) -> paramiko.Transport:
    """A connection whose small messages leave at once.

    Otherwise each remote command waits some 40 ms: its second message for the first one's
    acknowledgement, which the other side holds back.
    """
    transport = paramiko.Transport(sock, **arguments)
    if hasattr(transport.sock, "setsockopt"):  # a jump host's channel has none
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return transport


QUICK = {"ssh_paramiko_connect_kwargs": {"transport_factory": without_delay}}
