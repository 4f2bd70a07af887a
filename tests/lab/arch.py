"""The lab's Arch Linux: rocblas 6.4.3-3 as its archive has it, and packages that are not what they
should be.

    made = arch()
    for route in made.routes():
        mirror.serve(route.prefix, route.handler)
    mirror.serve_folder(upstream("arch-rocblas"), made.folder("misfit"))  # instead

Its gfx906 files and fallback catalogs are those of Debian's 7.2.4, which has Arch's kernel names
(amd/tensile.py); they are real where a mirror has them, everything around them is made here, and
.PKGINFO says so.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

from .amd.elf import shared_library
from .amd.keys import OTHER, Keys, keys
from .amd.release import RELEASES, read
from .amd.tensile import GRAFTED, MISFIT, Library, library
from .image import only_one
from .mirror.routes import Route, folder
from .mirror.upstreams import upstream
from .places import cache, need_space

VERSION, OTHER_VERSION = "6.4.3-3", "7.2.4-2"
FILE = f"rocblas-{VERSION}-x86_64.pkg.tar.zst"
VARIANTS = ("donor", "misfit", "other-version", "other-key")
DONOR, MISFITS, WRONG_VERSION, OTHER_KEY = VARIANTS
LIBRARY = "opt/rocm/lib/rocblas/library"
BUILT = 1755600000  # 2025-08-19: as old as the real one
NOTE = "regraft lab: a stand-in for Arch's rocblas; its gfx906 files are Debian's, or made up"
NAMES = {  # of files in a package whose contents nobody gets to read
    f"TensileLibrary_lazy_{GRAFTED}.dat": b"lazy",
    f"Kernels.so-000-{GRAFTED}-xnack-.hsaco": b"kernels",
    f"TensileLibrary_Type_SS_{GRAFTED}.co": b"code",
    "TensileLibrary_Type_SS_fallback.dat": b"fallback",
    f"TensileLibrary_Type_SS_fallback_{GRAFTED}-xnack-.hsaco": b"code for all",
    "TensileLibrary_lazy_gfx90a.dat": b"another card's",
}


@dataclass(frozen=True)
class Arch:
    """+ root: a folder for each of VARIANTS + keys: the packager's"""

    root: Path
    keys: Keys

    @property
    def key(self) -> Path:
        """The packager's public key, as a file."""
        return packager_key(self.keys)

    def folder(self, variant: str = DONOR) -> Path:
        """What Arch's archive has below packages/r/rocblas, or what has taken its place."""
        return self.root / variant

    def routes(self) -> Iterator[Route]:
        """For a mirror that serves more than this."""
        yield Route(upstream("arch-rocblas"), folder(self.folder()))


def arch(base: Path | None = None) -> Arch:
    """The lab's Arch, built if it is not there.

    + base: where it is kept; the lab's cache, unless told otherwise
    """
    base = base or cache()
    signing = signing_keys(base)
    fits = read(RELEASES / "rocm-6.4.3.toml").tensile
    assert fits
    sets = [library(base, one) for one in (fits, MISFIT)]
    kept = base / f"arch-{_digest(signing, sets)}"
    with only_one(kept):
        if not (kept / "tree").exists():
            need_space(kept, 0.5, "the lab's Arch")
            _build(kept, signing, *sets)
    return Arch(kept / "tree", signing)


def signing_keys(base: Path | None = None) -> Keys:
    """The lab packager's keys, made if they are not there."""
    return keys((base or cache()) / "arch-keys", of="Arch")


def packager_key(signing: Keys) -> Path:
    """A file with the public key of the lab's packager, for graft_donor_key."""
    path = signing.home.parent / "packager.asc"
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}")
        half.write_text(signing.public)
        half.replace(path)
    return path


def package(
    library_files: Mapping[str, bytes],
    version: str = VERSION,
    listed: Mapping[str, bytes] | None = None,
) -> bytes:
    """A package as makepkg writes it, with these files in its library directory.

    + listed: those that its .MTREE has the sums of, where they are not the same
    """
    soname = "librocblas.so.4"
    files = {f"{LIBRARY}/{name}": content for name, content in library_files.items()} | {
        f"opt/rocm/lib/{soname}.4": shared_library(soname, NOTE),
        f"usr/share/licenses/rocblas/{GRAFTED}.txt": f"{NOTE}\n".encode(),  # not a library's file
    }
    links = {f"opt/rocm/lib/{soname}": f"{soname}.4", "opt/rocm/lib/librocblas.so": soname}
    told = {".BUILDINFO": _buildinfo(version), ".PKGINFO": _pkginfo(version, files)}
    summed = {f"{LIBRARY}/{name}": content for name, content in (listed or {}).items()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in {**told, ".MTREE": _mtree({**told, **files, **summed}, links)}.items():
            _add(tar, name, content)
        for name in sorted(_folders([*files, *links])):
            _add(tar, name, kind=tarfile.DIRTYPE)
        for name in sorted([*files, *links]):
            _add(tar, name, files.get(name, b""), link=links.get(name, ""))
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(packed.getvalue())


def _add(
    tar: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = b"0", link: str = ""
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type = tarfile.SYMTYPE if link else kind
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    entry.size, entry.linkname, entry.mtime = len(content), link, BUILT
    entry.uname = entry.gname = "root"
    tar.addfile(entry, io.BytesIO(content))


def _folders(names: list[str]) -> set[str]:
    return {str(parent) for name in names for parent in Path(name).parents} - {"."}


def _pkginfo(version: str, files: Mapping[str, bytes]) -> bytes:
    rows = {
        "pkgname": "rocblas",
        "pkgbase": "rocblas",
        "xdata": "pkgtype=pkg",
        "pkgver": version,
        "pkgdesc": NOTE,
        "url": "https://regraft.invalid",
        "builddate": str(BUILT),
        "packager": "regraft lab <lab@regraft.invalid>",
        "size": str(sum(map(len, files.values()))),
        "arch": "x86_64",
        "license": "MIT",
        "depend": "hip-runtime-amd",
    }
    head = "# Generated by the regraft lab, not by makepkg\n"
    return (head + "".join(f"{key} = {value}\n" for key, value in rows.items())).encode()


def _buildinfo(version: str) -> bytes:
    rows = {
        "format": "2",
        "pkgname": "rocblas",
        "pkgbase": "rocblas",
        "pkgver": version,
        "pkgarch": "x86_64",
        "packager": "regraft lab <lab@regraft.invalid>",
        "builddate": str(BUILT),
        "buildtool": "regraft-lab",
    }
    return "".join(f"{key} = {value}\n" for key, value in rows.items()).encode()


def _mtree(files: Mapping[str, bytes], links: Mapping[str, str]) -> bytes:
    lines = ["#mtree", "/set type=file uid=0 gid=0 mode=644"]
    lines += [f"./{name} time={BUILT}.0 mode=755 type=dir" for name in sorted(_folders([*files]))]
    for name, content in sorted(files.items()):
        md5, sha256 = (of(content).hexdigest() for of in (hashlib.md5, hashlib.sha256))
        sums = f"md5digest={md5} sha256digest={sha256}"
        lines.append(f"./{name} time={BUILT}.0 size={len(content)} {sums}")
    lines += [f"./{name} time={BUILT}.0 mode=777 type=link link={to}" for name, to in links.items()]
    return gzip.compress("\n".join([*lines, ""]).encode(), mtime=0)


def _digest(signing: Keys, sets: list[Library]) -> str:
    """What goes into the packages, as a name."""
    found = hashlib.sha256(Path(__file__).read_bytes() + signing.fingerprint.encode())
    found.update(repr([one.said for one in sets]).encode())
    return found.hexdigest()[:12]


def _build(kept: Path, signing: Keys, fits: Library, misfit: Library) -> None:
    print("==> building the lab's Arch: signed packages of rocblas", flush=True)
    started = time.monotonic()
    new = kept / "new"
    shutil.rmtree(new, ignore_errors=True)
    made = {
        DONOR: package(_files(fits)),
        MISFITS: package(_files(misfit)),
        WRONG_VERSION: package(NAMES, OTHER_VERSION),
    }
    made[OTHER_KEY] = made[DONOR]
    for variant, content in made.items():
        path = new / variant / FILE
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        by = OTHER if variant == OTHER_KEY else ""
        path.with_name(f"{FILE}.sig").write_bytes(signing.detached(path, by))
    os.rename(new, kept / "tree")
    print(f"==> the lab's Arch is built: {time.monotonic() - started:.0f} s", flush=True)


def _files(library: Library) -> dict[str, bytes]:
    """All of a build's library directory, as far as the lab keeps it."""
    paths = [*library.donor.iterdir(), *library.recipient.iterdir()]
    return {path.name: path.read_bytes() for path in paths}
