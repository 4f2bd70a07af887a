"""Run the mirror in the foreground: `python -m tests.lab.mirror --root DIR`.

Without --root it serves the lab's own upstreams, as it does beside the box of `make lab`.
"""

import argparse
import errno
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.lab import upstreams
from tests.lab.mirror.server import Asked, Mirror
from tests.lab.mirror.upstreams import tree


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab.mirror", description="Serve a folder as the upstreams."
    )
    parser.add_argument("--root", type=Path, help="folder laid out as the upstreams")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    options = parser.parse_args()
    if options.root and not options.root.is_dir():
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
        again = f"{parser.prog} --root {options.root}" if options.root else parser.prog
        print(f"mirror: port {options.port} is in use. Take a free one: {again}", file=sys.stderr)
        return 1
    return 0


def _serve(root: Path | None, port: int) -> None:
    with Mirror(port, report=_show) as mirror:
        for route in tree(root) if root else upstreams.routes():
            mirror.serve(route.prefix, route.handler, route.posts)
        print(f"{mirror.url} (from a guest: {mirror.guest_url})", flush=True)
        threading.Event().wait()


def _show(asked: Asked) -> None:
    path = f"/{asked.path}" + (f"?{asked.query}" if asked.query else "")
    print(asked.status, asked.method, path, asked.range or "-", asked.sent, flush=True)


if __name__ == "__main__":
    sys.exit(main())
