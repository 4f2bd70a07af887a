"""Which wheels make up what is wanted, for a box's Python: uv works them out, and where they are.

Only what the index says is read for that; then each wheel is fetched once, for all boxes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.markers import Environment
from packaging.pylock import PackageWheel, Pylock, PylockSelectError
from packaging.tags import Tag, compatible_tags, cpython_tags

from roles.upstream.alone import alone
from roles.upstream.fetch import Say, fetch
from roles.upstream.lock import Lock
from roles.upstream.wheel import Index, Target, Wheel

MOST_WHEEL = 16 << 30
OLDEST_GLIBC = 5  # of which a wheel may say that it needs no newer: 2.5


class NotResolved(Exception):  # noqa: N818 - reads as what it says
    """There is no set of wheels: cause, evidence, next step."""


def fetched(
    name: str,
    wanted: Sequence[str],
    index: Index,
    target: Target,
    lock: Lock,
    cache: Path,
    say: Say,
) -> list[dict[str, Any]]:
    """
    The wheels of these requirements and of all that they need, here; each as it is recorded.

    + name: what the lock calls them by
    + cache: the folder for wheels
    """
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache, lambda: say("another box of this run is fetching wheels")):
        named = f"{name}/{target.short}"
        work = cache / f".{named.replace('/', '-')}"
        found = resolve(wanted, index, target, lock.known(named) or {}, work)
        lock.record(named, **{one.file: one.sha256 for one in found})
        return [{**asdict(one), **_fetched(one, cache, say)} for one in found]


def _fetched(one: Wheel, cache: Path, say: Say) -> dict[str, Any]:
    into = cache / one.sha256[:16] / one.file
    there = fetch(one.address, into, sha256=one.sha256, most=MOST_WHEEL, say=say)
    return {"path": str(there.path), "size": there.size}


def resolve(
    requirements: Sequence[str], index: Index, target: Target, known: Iterable[str], folder: Path
) -> tuple[Wheel, ...]:
    """
    Which they are.

    + known: files that an earlier run has taken: their versions are taken again
    + folder: to work in
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted, held, found = (folder / name for name in ("wanted.txt", "held.txt", "pylock.toml"))
    wanted.write_text("".join(f"{one}\n" for one in requirements))
    held.write_text("".join(f"{one}\n" for one in _held(known)))
    found.unlink(missing_ok=True)
    short = ".".join(target.python.split(".")[:2])
    command = [
        *(_uv(), "pip", "compile", "--quiet", "--no-config", "--no-header"),
        *("--only-binary", ":all:", "--constraints", str(held)),
        *("--python-version", short, "--python-platform", f"{target.machine}-manylinux_2_28"),
        *("--format", "pylock.toml", "--output-file", str(found), str(wanted)),
    ]
    environment = dict(os.environ)
    if index.address:
        # an index of the user's own would be asked before the upstream's
        environment = {name: v for name, v in environment.items() if not name.startswith("UV_")}
        command += ["--default-index", index.address]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotResolved(
            f"{index} does not have it all: {_reason(done.stderr)}. Next: look at that address in "
            f"a browser; name a mirror: {index.mirror}"
        )
    return tuple(_chosen(Pylock.from_dict(tomllib.loads(found.read_text())), target, index))


def _uv() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    return str(beside) if beside.exists() else shutil.which("uv") or "uv"


def _held(files: Iterable[str]) -> Iterator[str]:
    for file in files:
        name, version, *_ = file.split("-")
        yield f"{name}=={version}"


def _reason(said: str) -> str:
    words = re.sub(r"[^\x20-\x7e\n]+", " ", said)  # without the frame that uv draws
    return " ".join(words.split())[:600]


def _chosen(lock: Pylock, target: Target, index: Index) -> Iterator[Wheel]:
    try:
        for package, one in lock.select(environment=environment(target), tags=tags(target)):
            if not isinstance(one, PackageWheel):
                raise NotResolved(f"{package.name} comes as no wheel from {index}")
            sha256 = one.hashes.get("sha256", "")
            if not sha256:
                raise NotResolved(
                    f"{index} gives no sha256 for {package.name}, so nothing vouches for it. "
                    f"Next: another mirror: {index.mirror}"
                )
            address = str(one.url)
            file = unquote(PurePosixPath(urlsplit(address).path).name)
            yield Wheel(package.name, str(package.version), file, address, sha256)
    except PylockSelectError as problem:
        raise NotResolved(f"{index} has no wheels for {target.short}: {problem}") from problem


def tags(target: Target) -> list[Tag]:
    """What a wheel may be tagged with, best first."""
    version = tuple(int(part) for part in target.python.split(".")[:2])
    newest = int(target.glibc.split(".")[1])
    platforms = [
        f"manylinux_2_{minor}_{target.machine}" for minor in range(newest, OLDEST_GLIBC - 1, -1)
    ]
    platforms += [f"manylinux2014_{target.machine}", f"linux_{target.machine}"]
    return [
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, interpreter=target.short, platforms=platforms),
    ]


def environment(target: Target) -> Environment:
    """What markers ask for."""
    short = ".".join(target.python.split(".")[:2])
    return {
        "implementation_name": "cpython",
        "implementation_version": target.python,
        "os_name": "posix",
        "platform_machine": target.machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": target.python,
        "python_version": short,
        "sys_platform": "linux",
    }
