"""A word with QEMU through its machine protocol."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from .need import LabError


class MonitorError(LabError):
    """QEMU refused a command, or is gone."""


def ask(path: Path, command: str, **arguments: Any) -> Any:
    """Send one command, return its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(120)
        try:
            connection.connect(str(path))
            with connection.makefile("rw") as stream:
                stream.readline()  # the greeting
                _exchange(stream, "qmp_capabilities", {})
                return _exchange(stream, command, arguments)
        except OSError as problem:
            raise MonitorError(f"no answer from QEMU at {path}: {problem}") from problem


def tell(path: Path, line: str) -> str:
    """Send one line of the human monitor, which alone knows savevm and loadvm."""
    return str(ask(path, "human-monitor-command", **{"command-line": line})).strip()


def _exchange(stream: Any, command: str, arguments: dict[str, Any]) -> Any:
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    while line := stream.readline():
        answer = json.loads(line)
        if "return" in answer:
            return answer["return"]
        if "error" in answer:
            raise MonitorError(f"QEMU refused {command}: {answer['error']['desc']}")
        # anything else is an event
    raise MonitorError(f"QEMU ended while it was asked {command}")
