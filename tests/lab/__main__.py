"""The lab by hand: python -m tests.lab up | down | ssh [COMMAND...] | status | forget.

down ends this checkout's box; forget ends every box, and deletes the images as well.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys

from . import standing
from .box import Box, end
from .need import LabError
from .places import cache


def main() -> int:
    """Do what the first word says."""
    actions = {"up": _up, "down": _down, "ssh": _ssh, "status": _status, "forget": _forget}
    word = sys.argv[1] if len(sys.argv) > 1 else "status"
    if word not in actions:
        print(f"{__doc__}", file=sys.stderr)
        return 2
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)  # clean up, as for control-C
    try:
        return actions[word]()
    except LabError as problem:
        print(f"regraft: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("regraft: interrupted. Next: the same command again", file=sys.stderr)
        return 130


def _up() -> int:
    box = standing.up()
    print(f"==> the lab box is up: {box.image.said}, SSH on 127.0.0.1:{box.port}")
    return 0


def _down() -> int:
    standing.down()
    return 0


def _forget() -> int:
    """Boxes of other checkouts too: without their image they would be of no use."""
    standing.down()
    for pid in (cache() / "boxes").glob("**/pid"):
        end(pid.parent)
    shutil.rmtree(cache(), ignore_errors=True)
    return 0


def _ssh() -> int:
    """Hand the terminal over to ssh."""
    box = _box()
    command = [*box.ssh_command("user"), *sys.argv[2:]]
    os.execvp(command[0], command)


def _status() -> int:
    box = _box()
    print(f"{box.image.said}, kernel {box.image.kernel}, SSH on 127.0.0.1:{box.port}")
    return 0


def _box() -> Box:
    box = standing.box()
    if box:
        return box
    raise LabError("the lab box is not up. Next: make lab")


if __name__ == "__main__":
    sys.exit(main())
