"""A source on the controller: fetched by its tag, and used if it is the commit that is wanted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from roles.triton.source import Source
from roles.upstream.alone import alone
from roles.upstream.fetch import Say

LLVM = "cmake/llvm-hash.txt"
STALLED = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")  # bytes a second, seconds
NEXT = "Next: look at that address in a browser; name a mirror: upstream_addresses"


class CheckoutRefused(Exception):  # noqa: N818 - reads as what it says
    """The source cannot be had, or is another: cause, evidence, next step."""


@dataclass(frozen=True)
class Checkout:
    """+ archive: a tar of it, in the folder `triton` + llvm: the hash of the LLVM that it wants"""

    archive: Path
    commit: str
    llvm: str


def checkout(source: Source, base: str, known: str, cache: Path, say: Say) -> Checkout:
    """
    The source of a tag. The second time without a network.

    + base: the address that its repository is below
    + known: the whole hash of the commit, once it has been recorded
    """
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache, lambda: say("another box of this run is fetching the source")):
        git = _Git(cache / source.repository)
        commit = known
        if not (commit and git.has(commit)):
            address = f"{base.rstrip('/')}/{source.repository}"
            say(f"fetching {source.tag} of {address}")
            commit = git.fetch(address, source.tag)
            _check(commit, known or source.commit, source, address)
        llvm = git.out("show", f"{commit}:{LLVM}").strip()
        if not llvm.startswith(source.llvm) or not re.fullmatch(r"[0-9a-f]{40}", llvm):
            raise CheckoutRefused(
                f"{source.tag} wants LLVM {llvm[:40]!r}, and {source.llvm} is pinned. "
                "Next: correct roles/triton/sources.toml"
            )
        return Checkout(git.archive(commit, cache / f"{commit}.tar"), commit, llvm)


def _check(found: str, wanted: str, source: Source, address: str) -> None:
    if not found.startswith(wanted):
        raise CheckoutRefused(
            f"the tag {source.tag} of {address} is the commit {found}, expected was {wanted}. "
            "Next: do not go on before you know why; if this change is wanted: triton_commit in "
            "the inventory, or delete its table in the lock"
        )


class _Git:
    """A bare repository in the cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "HEAD").exists():
            shutil.rmtree(folder, ignore_errors=True)
            half = folder.with_name(f".{folder.name}.new")
            shutil.rmtree(half, ignore_errors=True)
            _run("init", "--quiet", "--bare", str(half))
            half.rename(folder)

    def out(self, *words: str) -> str:
        return _run("-C", str(self.folder), *words)

    def has(self, commit: str) -> bool:
        try:
            self.out("cat-file", "-e", f"{commit}:{LLVM}")
        except CheckoutRefused:
            return False
        return True

    def fetch(self, address: str, tag: str) -> str:
        """The commit that a tag is, brought here; git checks that its content has that hash."""
        try:
            self.out(*STALLED, "fetch", "--quiet", "--depth=1", address, f"refs/tags/{tag}")
        except CheckoutRefused as problem:
            raise CheckoutRefused(f"{address} does not give {tag}: {problem}. {NEXT}") from problem
        return self.out("rev-parse", "FETCH_HEAD^{commit}").strip()

    def archive(self, commit: str, into: Path) -> Path:
        if not into.exists():
            half = into.with_name(f".{into.name}.{os.getpid()}")
            self.out("archive", "--format=tar", "--prefix=triton/", f"--output={half}", commit)
            half.replace(into)
        return into


def _run(*words: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", *words], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as problem:
        raise CheckoutRefused(
            "this machine has no git. Next: sudo apt-get install git"
        ) from problem
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("fatal:", "error:"))]
        raise CheckoutRefused(said[0] if said else f"git ended with {done.returncode}")
    return done.stdout
