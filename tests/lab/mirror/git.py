"""Git over HTTP: the repositories under a folder, by git's own CGI program."""

import os
import subprocess
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import IO

from tests.lab.mirror.messages import Answer, Request
from tests.lab.mirror.routes import Handler

SECONDS = 600
HEADER_LINES = 100

# As public hosts have it: a commit can be fetched by its hash, and blobs can be left out.
SETTINGS = {"uploadpack.allowAnySHA1InWant": "true", "uploadpack.allowFilter": "true"}


def git_backend(root: Path) -> Handler:
    """Serve `<owner>/<name>.git` for clone and fetch; without a user, git refuses a push itself."""
    top = root.resolve(strict=True)

    def answer(request: Request) -> Answer:
        # The request's body is on disk, so reading all of the output cannot wait for input.
        with subprocess.Popen(
            ["timeout", str(SECONDS), "git", "http-backend"],
            env={**_plain_environment(), **_cgi(top, request)},
            stdin=request.body,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            status, headers = _head(process.stdout)
            return Answer.spooled(process.stdout, status, headers)

    return answer


def _plain_environment() -> dict[str, str]:
    """The environment without the user's own git settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    settings["GIT_CONFIG_COUNT"] = str(len(SETTINGS))
    for number, (key, value) in enumerate(SETTINGS.items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**kept, **settings}


def _cgi(root: Path, request: Request) -> dict[str, str]:
    return {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": f"/{request.rest}",
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": "POST" if request.method == "POST" else "GET",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": request.headers.get("content-length", "0"),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
    }


def _head(output: IO[bytes]) -> tuple[int, dict[str, str]]:
    """Read the CGI header; the output then stands at the body."""
    lines = []
    for _ in range(HEADER_LINES):
        line = output.readline()
        if not line.strip():
            break
        lines.append(line)
    found = BytesHeaderParser().parsebytes(b"".join(lines))
    headers = {name.lower(): value for name, value in found.items()}
    # A CGI program that dies before its header has not answered.
    status = headers.pop("status", "200" if headers else "500")
    return int(status.split()[0]), headers
