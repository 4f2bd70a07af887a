"""The mirror as a command in a terminal."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

SECONDS = 60
COMMAND = [sys.executable, "-m", "tests.lab.mirror"]


def test_a_person_runs_it_and_sees_each_request(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist/labels").write_bytes(b"0123")
    command = [*COMMAND, "--root", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        asked = urllib.request.Request(f"{url}/mnist/labels?x", headers={"Range": "bytes=1-"})
        with urllib.request.urlopen(asked, timeout=SECONDS) as response:
            assert response.read() == b"123"
        shown = process.stdout.readline()
        process.terminate()

    assert shown == "206 GET /mnist/labels?x bytes=1- 3\n"
    assert process.returncode == 0


def test_a_port_in_use_gives_one_line_and_the_next_command(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = subprocess.run(
            [*COMMAND, "--root", tmp_path, "--port", port],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    again = f"python -m tests.lab.mirror --root {tmp_path}"
    assert found.stderr == f"mirror: port {port} is in use. Take a free one: {again}\n"
    assert found.returncode == 1
