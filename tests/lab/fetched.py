"""What this machine's own pip has to bring for the lab; where it cannot, the lab goes without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .image import only_one
from .places import need_space

ASK_AGAIN = 3600.0  # seconds after it could not be had


class NotThere(Exception):  # noqa: N818 - reads as what it says
    """No index that this machine reaches has it."""


def built_once(
    kept: Path, what: str, gibibytes: float, build: Callable[[Path], None]
) -> Path | None:
    """
    A folder as `build` fills it, made if it is not there; None: something of it cannot be had.

    + what: the lab's own, in words + gibibytes: that it takes, with what it is made of
    """
    made, new, lacking = kept / "made", kept / "new", kept / "lacking"
    with only_one(kept):
        if lacking.exists() and time.time() - lacking.stat().st_mtime < ASK_AGAIN:
            return None
        if made.exists():
            return made
        need_space(kept, gibibytes, f"the lab's {what}")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        started = time.monotonic()
        try:
            build(new)
        except NotThere as problem:
            print(f"==> the lab goes without {what}: {problem}", flush=True)
            lacking.write_text(str(problem))
            return None
        os.rename(new, made)
        print(f"==> the lab's {what} is built: {time.monotonic() - started:.0f} s", flush=True)
    return made


def download(into: Path, python: str, *ways: tuple[str, ...]) -> None:
    """
    Wheels by this machine's own pip, in the first of these ways that brings them.

    + python: version that they are for + ways: what to tell pip
    """
    target = (
        *("--python-version", python, "--implementation", "cp", "--only-binary", ":all:"),
        *(f"--platform=manylinux_2_{minor}_x86_64" for minor in (28, 17)),
    )
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q"]
    for way in ways:
        asked = [*command, "-d", str(into), *target, *way]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if not done.returncode:
            return
    wanted = " ".join(word for word in ways[0] if not word.startswith("-"))
    said = done.stderr.strip().splitlines()
    raise NotThere(f"pip has no {wanted}: {said[-1] if said else ''}")
