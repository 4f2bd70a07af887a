"""Building a graft, from a fetched package to the .deb, beside `zstd -dc | tar -x` of that package.

The two take turns, each from nothing, on the disk of the lab's cache; `tar -x` unpacks all of it,
as people do. A built .deb has the package's sha256 checked, the card's files unpacked and checked,
the fit proven and the .deb packed.

Both packages are stand-ins for Arch's, which has 250 MB that unpack to more than 4 GB, about 150 MB
of them for the card. Of the lab's 10 MB most of the time is Python's start; the other has 1 GB
unpacked, 45 MB of it for the card: a quarter of Arch's, in the same proportion.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.lab.amd.tensile import GRAFTED, Library
from tests.lab.arch import FILE, arch, package
from tests.lab.builder import Builder, tensile
from tests.lab.need import LabError
from tests.lab.places import cache, need_space

from .rows import RUNS, Rows, timed

LARGE = 1_000_000_000  # bytes unpacked
AIM = 1.5  # times as long as unpacking


def measure(rows: Rows) -> None:
    need_space(cache(), 4, "the bench of the graft")
    whole = tensile()
    if not whole.real:
        raise LabError("no mirror of this machine has Debian's rocBLAS to build grafts of")
    start = [sys.executable, "-c", "import roles.graft.build"]
    rows.add("start the builder, to do nothing", timed(lambda: subprocess.run(start, check=True)))
    with tempfile.TemporaryDirectory(dir=cache(), prefix="bench-") as folder:
        _compare(rows, "lab's package", arch().folder() / FILE, whole, Path(folder) / "small")
        file = Path(folder) / FILE
        file.write_bytes(large(whole))
        _compare(rows, "1 GB package", file, whole, Path(folder) / "large")


def large(whole: Library) -> bytes:
    """The lab's package, with the card's files once more for each of many other archs."""
    files = {path.name: path.read_bytes() for path in whole.recipient.iterdir()}
    own = {path.name: path.read_bytes() for path in whole.donor.iterdir()}
    for number in range(LARGE // sum(map(len, own.values()))):
        other = f"gfx9{number:02}" if number else GRAFTED
        files |= {name.replace(GRAFTED, other): content for name, content in own.items()}
    return package(files)


def _compare(rows: Rows, what: str, file: Path, fits: Library, folder: Path) -> None:
    builder = Builder(folder, fits.recipient, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    builder.donors.mkdir(parents=True)
    fetched = builder.donors / FILE
    shutil.copy(file, fetched)
    unpacked = folder / "unpacked"

    def build() -> None:
        done = builder.run()
        if done.returncode:
            raise SystemExit(f"the bench measures a build that fails:\n{done.stderr}")

    def unpack() -> None:
        zstd = subprocess.Popen(["zstd", "-dcq", fetched], stdout=subprocess.PIPE)
        with zstd:
            subprocess.run(["tar", "-x", "-C", unpacked], stdin=zstd.stdout, check=True)

    builds: list[float] = []
    unpacks: list[float] = []
    for _ in range(RUNS):
        for action, found in ((build, builds), (unpack, unpacks)):
            _afresh(builder, unpacked)
            found += timed(action, 1)
    rows.add(f"{what}: build the graft", builds)
    rows.add(f"{what}: zstd -dc | tar -x, all of it", unpacks)
    ratio = statistics.median(builds) / statistics.median(unpacks)
    rows.notes.append(
        f"{what}: building takes {ratio:.2f} times as long as unpacking; "
        f"the aim, for one of Arch's size: {AIM}"
    )


def _afresh(builder: Builder, unpacked: Path) -> None:
    """Nothing but the fetched package, and no writing left over from the run before."""
    for folder in (builder.grafts, unpacked, *builder.donors.glob("*/")):
        shutil.rmtree(folder, ignore_errors=True)
    unpacked.mkdir()
    os.sync()
