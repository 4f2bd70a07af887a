"""The lab's registry: Debian's docker-registry, never installed, with the container image in it.

    yield from container().routes()

What it has is built once and kept. Each process that serves a mirror has a registry of its own,
from the first request on; it ends with that process, however that ends.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from roles import program as packing

from . import sources
from .container import layer
from .container.program import program
from .image import only_one
from .mirror import registry as proxy
from .mirror.messages import Answer, Request
from .mirror.routes import Handler, Route
from .mirror.upstreams import upstream
from .need import LabError, root
from .places import HERE, cache, need_space

NAME, TAG = "nalanzeyu/vllm-gfx906", "v0.12.0-rocm6.3"
RECIPE = HERE / "container"
PACKAGES = ("dash", "libpython3-stdlib", "python3-minimal")
PROGRAM = "usr/bin/docker-registry"
MADE = "regraft lab: packages of {suite}, and a stand-in for vLLM"
START_SECONDS = 30.0
POLL_SECONDS = 0.02
LISTENS = re.compile(rb"listening on 127\.0\.0\.1:(\d+)")

# What is to end with this process is not told to: its input ends, even where we are killed.
ENDED_WITH_US = '"$@" & read -r nothing; kill $!; wait'
SETTINGS = """\
version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {storage}}}
  maintenance: {{readonly: {{enabled: {readonly}}}}}
http: {{addr: "127.0.0.1:0"}}
"""


@dataclass(frozen=True)
class Container:
    """+ folder: with the registry's program, and its storage"""

    folder: Path

    def routes(self) -> Iterator[Route]:
        """For a mirror that serves more than this."""
        yield Route(upstream("registry"), _served(self.folder))


class Running:
    """A registry that runs, from `with` to its end or this process's. + writable: takes images"""

    def __init__(self, folder: Path, writable: bool = False) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="regraft-lab-registry-") as settings:
            readonly = "false" if writable else "true"
            settings.write(SETTINGS.format(storage=folder / "storage", readonly=readonly))
            settings.flush()
            self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
            self._process = subprocess.Popen(
                ["sh", "-c", ENDED_WITH_US, "sh", str(folder / "registry"), "serve", settings.name],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # or Ctrl-C would end the shell, and not what it ends
            )
            try:
                self.port = self._port()
            except LabError:
                self.end()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """End it, and wait for that."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._log.close()

    def _port(self) -> int:
        """The one that it has taken, once it listens."""
        last = time.monotonic() + START_SECONDS
        while time.monotonic() < last:
            said = os.pread(self._log.fileno(), 1 << 20, 0)
            if found := LISTENS.search(said):
                return int(found[1])
            if b"fatal" in said or b"panic" in said:
                break
            time.sleep(POLL_SECONDS)
        raise LabError(f"the lab's registry did not start:\n{said.decode(errors='replace')}")


def container() -> Container:
    """The lab's container image in its registry's storage, built if it is not there."""
    plan = sources.plan()
    kept = cache() / f"container-{plan.distribution.suite}-{_digest(plan)}"
    with only_one(kept):
        if not (kept / "made").exists():
            need_space(kept, 1, "the lab's container image")
            _build(kept, plan)
    return Container(kept / "made")


def push(port: int, blobs: list[bytes], manifest: bytes) -> None:
    """Put an image into the registry on a port."""
    base = f"http://127.0.0.1:{port}/v2/{NAME}"
    for blob in blobs:
        begun = requests.post(f"{base}/blobs/uploads/", timeout=60)
        begun.raise_for_status()
        into, query = begun.headers["Location"], {"digest": layer.digest(blob)}
        requests.put(into, blob, params=query, timeout=600).raise_for_status()
    kind = {"Content-Type": layer.MANIFEST}
    put = requests.put(f"{base}/manifests/{TAG}", manifest, headers=kind, timeout=60)
    put.raise_for_status()


def _served(folder: Path) -> Handler:
    """By a registry that is started when it is asked first."""
    lock, running = threading.Lock(), list[Running]()

    def answer(request: Request) -> Answer:
        with lock:
            if not running:
                running.append(Running(folder))
        return proxy.registry(running[0].port)(request)

    return answer


def _digest(plan: sources.Plan) -> str:
    """What it is made of, as a name."""
    parts = [path.read_bytes() for path in sorted(RECIPE.glob("*.*"))]
    parts += [Path(packing.__file__).read_bytes(), Path(__file__).read_bytes(), program()]
    told = repr((plan, sources.apt_options())).encode()
    return hashlib.sha256(b"\0".join([*parts, told])).hexdigest()[:12]


def _build(kept: Path, plan: sources.Plan) -> None:
    print("==> building the lab's container image: about a quarter of a minute, once", flush=True)
    started = time.monotonic()
    new, work = kept / "new", kept / "work"
    for folder in (new, work):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    _bootstrap(work, plan)
    _take_program(next(work.glob("docker-registry_*.deb")), new / "registry")
    with (work / "root.tar").open("rb") as tree:
        layers = [layer.of_tree(tree), layer.of_programs({"usr/local/bin/vllm": program()})]
    config = layer.config(layers, MADE.format(suite=plan.distribution.suite))
    with Running(new, writable=True) as registry:
        blobs = [config, *(one.content for one in layers)]
        push(registry.port, blobs, layer.manifest(config, layers))
    shutil.rmtree(work)
    os.rename(new, kept / "made")
    print(f"==> the lab's container image is built: {time.monotonic() - started:.0f} s", flush=True)


def _bootstrap(work: Path, plan: sources.Plan) -> None:
    for name, text in {
        "suite": plan.distribution.suite,
        "packages": ",".join(PACKAGES),
        "sources.list": "\n".join(plan.lines),
        "apt.conf": "\n".join(['Acquire::Languages "none";', *sources.apt_options()]),
    }.items():
        (work / name).write_text(f"{text}\n")
    owner = f"{os.getuid()}:{os.getgid()}"
    command = [*root(), "sh", str(RECIPE / "build.sh"), str(work), owner]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(
            f"building the lab's container image failed:\n{done.stdout}{done.stderr}"
            "Next: make lab, once the cause is gone"
        )


def _take_program(deb: Path, into: Path) -> None:
    """Take the program out of its package, which would start a service if it were installed."""
    reading = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    with subprocess.Popen(reading, stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.name.endswith(PROGRAM) else None
                if content:
                    into.write_bytes(content.read())
        if process.wait() or not into.exists():
            raise LabError(f"dpkg-deb found no {PROGRAM} in {deb.name}")
    into.chmod(0o755)
