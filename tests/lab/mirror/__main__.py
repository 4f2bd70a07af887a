"""Run the mirror in the foreground, for a person: `python -m tests.lab.mirror --root DIR`."""

import argparse
import errno
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.lab.mirror.server import Asked, Mirror
from tests.lab.mirror.upstreams import tree


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab.mirror", description="Serve a folder as the upstreams."
    )
    parser.add_argument("--root", type=Path, required=True, help="folder laid out as the upstreams")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    options = parser.parse_args()
    if not options.root.is_dir():
        print(
            f"mirror: no folder {options.root}. Make it: mkdir -p {options.root}", file=sys.stderr
        )
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            _serve(options.root, options.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        again = f"{parser.prog} --root {options.root}"
        print(f"mirror: port {options.port} is in use. Take a free one: {again}", file=sys.stderr)
        return 1
    return 0


def _serve(root: Path, port: int) -> None:
    with Mirror(port, report=_show) as mirror:
        for route in tree(root):
            mirror.serve(route.prefix, route.handler, route.posts)
        print(f"{mirror.url} (from a guest: {mirror.guest_url})", flush=True)
        threading.Event().wait()


def _show(asked: Asked) -> None:
    path = f"/{asked.path}" + (f"?{asked.query}" if asked.query else "")
    print(asked.status, asked.method, path, asked.range or "-", asked.sent, flush=True)


if __name__ == "__main__":
    sys.exit(main())
