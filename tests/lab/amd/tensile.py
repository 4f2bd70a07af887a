"""Real Tensile files, from Debian's own rocBLAS: a library directory, and what a donor would have.

AMD's release has no gfx906 in it, Debian's has: what is not gfx906 is what rocblas ships here, and
the gfx906 files are kept beside it. Kernels are called by which archs a build is for: AMD's, Arch's
and Debian's 7.2.4 have gfx942 and agree, so one donor fits both releases, as in reality; Debian's
6.4.4 has not, and is the misfit. Of the other archs only small files are taken along: nobody
computes with them, and each box would have to unpack them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import sources
from ..image import only_one
from ..need import LabError
from ..places import need_space
from . import small
from .release import Tensile

MISFIT = Tensile(suite="sid", pattern=r"librocblas4\w*")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
GRAFTED, KEPT = small.GRAFTED, "kept"
ARCHS = tuple(small.SHIPPED)  # of those that AMD's releases have
MOST_BYTES = 128 * 1024
CUT = f"{GRAFTED} apart; of {', '.join(ARCHS)} up to {MOST_BYTES} bytes"


@dataclass(frozen=True)
class Library:
    """One Debian build, cut into what a release ships and what was grafted onto it."""

    folder: Path

    @property
    def recipient(self) -> Path:
        """A library directory without gfx906."""
        return self.folder / "library"

    @property
    def donor(self) -> Path:
        """The gfx906 files of the same build; its fallback catalogs are the recipient's."""
        return self.folder / GRAFTED

    @property
    def real(self) -> bool:
        """Whether Debian has built it, and not we."""
        return self.folder.name == KEPT

    @property
    def said(self) -> str:
        """Which package it is from."""
        told = json.loads((self.folder / "package.json").read_text())
        return f"{told['package']} {told['version']} ({told['suite']})"


@cache
def library(base: Path, wanted: Tensile) -> Library:
    """The files of a package, fetched if they are not there; a small set if no mirror has them.

    Once a process: what AMD ships and what is grafted onto it have to be of one kind.
    """
    place = base / "tensile" / wanted.name
    with only_one(place):
        if not _is_kept(place):
            try:
                _fetch(place, wanted)
            except LabError as problem:
                print(f"==> a small set takes the place of {wanted.name}: {problem}", flush=True)
                return made(place, wanted)
    return Library(place / KEPT)


def made(place: Path, wanted: Tensile) -> Library:
    """A set of our own, in which the misfit's kernels have other names as well."""
    build = "_other" if wanted == MISFIT else ""
    files = {f"library/{name}": content for name, content in small.recipient(build).items()}
    files |= {f"{GRAFTED}/{name}": content for name, content in small.donor(build).items()}
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]
    told = {"package": f"the lab's small {wanted.name}", "version": digest, "suite": "none"}
    files["package.json"] = json.dumps(told, indent=1).encode()
    kept, new = place / f"small-{digest}", place / "new"
    if not kept.exists():
        shutil.rmtree(new, ignore_errors=True)
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        os.rename(new, kept)
    return Library(kept)


def _is_kept(place: Path) -> bool:
    try:
        told = json.loads((place / KEPT / "package.json").read_text())
    except FileNotFoundError:
        return False
    return bool(told["cut"] == CUT)  # by another rule: fetched again


def _fetch(place: Path, wanted: Tensile) -> None:
    need_space(place, 2, "Debian's rocBLAS")
    new, apt = place / "new", place / "apt"
    for leftover in (new, apt):
        shutil.rmtree(leftover, ignore_errors=True)
        leftover.mkdir()
    options = _listed(apt, wanted)
    package, version = _found(options, wanted)
    print(f"==> fetching Debian's {package} {version}: about 300 MB, once", flush=True)
    _apt(["apt-get", *options, "-q", "download", package], apt)
    deb = next(apt.glob("*.deb"), None)
    if deb is None:
        raise LabError(f"apt-get did not leave a file of {package} in {apt}")
    cut(deb, new)
    told = {"package": package, "version": version, "suite": wanted.suite, "cut": CUT}
    (new / "package.json").write_text(json.dumps(told, indent=1))
    shutil.rmtree(apt)
    shutil.rmtree(place / KEPT, ignore_errors=True)
    os.rename(new, place / KEPT)


def _listed(apt: Path, wanted: Tensile) -> list[str]:
    """Options for an apt of its own, which knows this suite and nothing of the machine's."""
    if not KEYRING.exists():
        raise LabError(f"no {KEYRING} to check Debian's packages with")
    for name in ("lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True)
    (apt / "status").touch()
    options = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "root",  # else it warns that _apt may not write here
        "Acquire::Languages": "none",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    suites = {address: suite for address, suite in sources.offered() if "-" not in suite}
    for address in suites:
        line = f"deb [signed-by={KEYRING}] {address} {wanted.suite} main\n"
        (apt / "sources.list").write_text(line)
        try:
            _apt(["apt-get", *words, "-q", "--error-on=any", "update"], apt)
            return words
        except LabError:
            continue
    raise LabError(f"no mirror of this machine has Debian {wanted.suite}")


def _found(options: list[str], wanted: Tensile) -> tuple[str, str]:
    """The package that the pattern means today, and its version."""
    pattern = f"^{wanted.pattern}$"
    names = _apt(["apt-cache", *options, "search", "--names-only", pattern], Path("/")).splitlines()
    if not names:
        raise LabError(f"Debian {wanted.suite} has no package called {wanted.pattern}")
    package = names[0].split()[0]
    told = _apt(["apt-cache", *options, "show", "--no-all-versions", package], Path("/"))
    rows = dict(line.partition(": ")[::2] for line in told.splitlines())
    return package, rows["Version"]


def _apt(command: list[str], folder: Path) -> str:
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if told.returncode:
        said = told.stderr.strip().splitlines()
        raise LabError(f"{command[0]}: {said[-1] if said else 'failed'}")
    return told.stdout


def cut(deb: Path, into: Path) -> None:
    """Take what is kept of a package; its 2 GB pass through, and never lie on the disk."""
    for name in ("library", GRAFTED):
        (into / name).mkdir()
    reading = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    with subprocess.Popen(reading, stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            for member in tar:
                folder = kept(member.name, member.size) if member.isfile() else None
                content = tar.extractfile(member) if folder else None
                if folder and content:
                    (into / folder / Path(member.name).name).write_bytes(content.read())
        if process.wait():
            raise LabError(f"dpkg-deb could not read {deb.name}")


def kept(path: str, size: int) -> str | None:
    """Which folder a file goes to, or None."""
    folder, _, name = path.rpartition("/")
    if not folder.endswith("/library"):
        return None
    if GRAFTED in name:
        return GRAFTED
    if name.endswith("_fallback.dat"):
        return "library"
    small = size <= MOST_BYTES and any(arch in name for arch in ARCHS)
    return "library" if small else None
