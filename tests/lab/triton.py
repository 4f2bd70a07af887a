"""The lab's Triton: what a build of triton-gfx906 takes, so small that an emulated box can do it.

    made = triton()
    for route in made.routes():
        mirror.serve(route.prefix, route.handler, route.posts)

The repository (triton_source/) is steered by the real one's settings and takes the same steps: its
setup.py runs CMake and ninja, which compile seven units and link an extension that Python imports.
LLVM is a header, a CMake file and noise under the real archive's name. The tools are real wheels,
by this machine's own pip; where that cannot bring them, the lab goes without, and says so.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import fetched, sources
from .mirror.git import git_backend
from .mirror.routes import Route, folder
from .mirror.upstreams import upstream
from .mirror.wheels import wheel_index
from .places import HERE, cache

REPOSITORY = "triton-gfx906.git"
SOURCE = HERE / "triton_source"
VERSION, TAG = "3.5.0", "v3.5.0+gfx906"  # of what lies there
OLD_VERSION, OLD_TAG = "3.4.0", "v3.4.0+gfx906.update1"
MAIN = "gfx906/main"
LLVM_HASH = "cmake/llvm-hash.txt"
# These and the one in triton_source are upstream's own; what is served under them is made here.
OLD_LLVM = "8957e64a20fc7f4277565c6cfe3e555c119783ce"
MAIN_LLVM = "064f02dac0c81c19350a74415b3245f42fed09dc"
WHO = "regraft lab <lab@regraft.invalid> 1765152000 +0000"  # 2025-12-08: as old as the real ones
SYSTEMS = ("ubuntu-x64", "almalinux-x64")
NOISE = 1 << 20  # bytes that do not compress, so that there is something to cut off
TOOLS = ("setuptools", "wheel", "cmake>=3.20,<4", "ninja>=1.11.1", "pybind11>=2.13.1", "packaging")

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Triton:
    """+ root: folders git, llvm and tools, to serve + commit: the whole hash of what TAG names"""

    root: Path
    commit: str

    def routes(self) -> Iterator[Route]:
        """For a mirror that serves more than this."""
        yield Route(upstream("triton-source"), git_backend(self.root / "git"), posts=True)
        yield Route(upstream("triton-llvm"), folder(self.root / "llvm"))
        yield Route(upstream("python-packages"), wheel_index(self.root / "tools"))


@dataclass(frozen=True)
class Commit:
    """+ tag: that names it too, or "" + files: all of its tree"""

    branch: str
    tag: str
    message: str
    files: Files


def triton() -> Triton | None:
    """The lab's Triton for its boxes' Python, built if it is not there; None: it cannot be had."""
    python = sources.plan().distribution.python
    kept = cache() / f"triton-{_digest(python)}"
    made = fetched.built_once(kept, "Triton", 0.2, lambda new: _build(new, python))
    return Triton(made, commit_of(made / "git" / REPOSITORY, TAG)) if made else None


def repository(path: Path) -> None:
    """A bare repository with upstream's tags and default branch; its hashes follow from the files.

    + path: where there is none yet
    """
    _git("init", "--quiet", "--bare", "--template=", f"--initial-branch={MAIN}", str(path))
    _git("-C", str(path), "fast-import", "--quiet", told=_stream(_commits()))


def commit_of(path: Path, name: str) -> str:
    """The whole hash of what a tag or branch of that repository names."""
    return _git("-C", str(path), "rev-parse", f"{name}^{{commit}}").decode().strip()


def llvm(system: str, revision: str) -> tuple[str, bytes]:
    """An archive of a built LLVM, with its name: the same bytes each time.

    + system: that it is for + revision: its whole hash
    """
    top = f"llvm-{revision[:8]}-{system}"
    tool = b"#!/bin/sh\necho 'regraft lab: a stand-in, without a line of code'\n"
    files = {
        "bin/FileCheck": tool,
        "bin/mlir-tblgen": tool,
        "include/lab/llvm.h": f'#pragma once\n#define LAB_LLVM_HASH "{revision}"\n'.encode(),
        "lib/cmake/llvm/LLVMConfig.cmake": b"# regraft lab: a stand-in, which has one header\n"
        b'set(LLVM_INCLUDE_DIRS "${CMAKE_CURRENT_LIST_DIR}/../../../include")\n',
        "lib/libLLVMSupport.a": random.Random(top).randbytes(NOISE),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mode = len(content), 0o755 if content is tool else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return f"{top}.tar.gz", gzip.compress(packed.getvalue(), 6, mtime=0)


def _digest(python: str) -> str:
    """What goes into it, as a name."""
    digest = hashlib.sha256(repr((python, sorted(_files().items()))).encode())
    for one in (__file__, fetched.__file__):
        digest.update(Path(one).read_bytes())
    return digest.hexdigest()[:12]


def _build(new: Path, python: str) -> None:
    print("==> building the lab's Triton: about 30 MB of build tools to fetch, once", flush=True)
    for part in ("git", "llvm", "tools"):
        (new / part).mkdir()
    fetched.download(new / "tools", python, TOOLS)
    repository(new / "git" / REPOSITORY)
    for system in SYSTEMS:
        name, content = llvm(system, _files()[LLVM_HASH].decode().strip())
        (new / "llvm" / name).write_bytes(content)


def _files() -> Files:
    paths = [path for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(SOURCE)): path.read_bytes() for path in paths}


def _commits() -> Iterator[Commit]:
    """The first is the others' parent."""
    files = _files()
    yield Commit("gfx906/v3.4.x", OLD_TAG, "regraft lab: 3.4.0", _older(files, OLD_LLVM))
    yield Commit("gfx906/v3.5.x", TAG, "regraft lab: 3.5.0", files)
    # Upstream's trap: newer than 3.4.0, and says that it is that.
    newer = {**_older(files, MAIN_LLVM), "NEWER": b"regraft lab: what 3.4.0 has not\n"}
    yield Commit(MAIN, "", "regraft lab: on the way to 3.5.0", newer)


def _older(files: Files, revision: str) -> Files:
    """These files, calling themselves by the old version."""
    told = {
        name: files[name].replace(VERSION.encode(), OLD_VERSION.encode())
        for name in ("setup.py", "python/triton/__init__.py")
    }
    return {**files, **told, LLVM_HASH: f"{revision}\n".encode()}


def _stream(commits: Iterator[Commit]) -> bytes:
    """As git's fast-import reads it: no checkout, so nothing of this machine gets in."""
    made = io.BytesIO()
    for number, one in enumerate(commits, 1):
        made.write(f"commit refs/heads/{one.branch}\nmark :{number}\ncommitter {WHO}\n".encode())
        made.write(_data(one.message.encode()))
        made.write(b"from :1\n" if number > 1 else b"")
        made.write(b"deleteall\n")
        for name, content in sorted(one.files.items()):
            made.write(f"M 100644 inline {name}\n".encode() + _data(content))
        if one.tag:
            made.write(f"reset refs/tags/{one.tag}\nfrom :{number}\n\n".encode())
    return made.getvalue()


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _git(*words: str, told: bytes = b"") -> bytes:
    """What git says, without the user's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    plain = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", *words]
    return subprocess.run(
        command, env=kept | plain, input=told, check=True, stdout=subprocess.PIPE
    ).stdout
