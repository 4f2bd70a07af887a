"""The lab box's image: built once by mmdebstrap, kept under what went into it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import sources
from .need import LabError, root
from .pack import packed
from .places import HERE, cache, need_space

RECIPE = HERE / "recipe"
HOST_KEY = "etc/ssh/ssh_host_ed25519_key"
DISK = "24G"  # sparse: it takes what is in it

# What Ubuntu Server has by default and our roles or their users meet; nothing of a deploy's.
PACKAGES = (
    "apt-utils",
    "bash-completion",
    "bzip2",
    "ca-certificates",
    "curl",
    "dbus",
    "dmidecode",
    "ethtool",
    "file",
    "git",
    "gnupg",
    "initramfs-tools",
    "iproute2",
    "iputils-ping",
    "kmod",
    "less",
    "libpam-systemd",
    "logrotate",
    "lsb-release",
    "mokutil",
    "nano",
    "netbase",
    "openssh-server",
    "pciutils",
    "procps",
    "python3",
    "rsync",
    "sudo",
    "systemd",
    "systemd-sysv",
    "tzdata",
    "udev",
    "usbutils",
    "wget",
    "xz-utils",
    "zstd",
)


@dataclass(frozen=True)
class Image:
    """A built image: all of it below one folder."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.raw"

    @property
    def kernel(self) -> str:
        """The release of the guest's kernel."""
        return (self.folder / "kernel").read_text().strip()

    @property
    def key(self) -> Path:
        """The private key that opens the box, for root and for user."""
        return self.folder / "client"

    @property
    def host_key(self) -> str:
        """The box's own public key: type and key."""
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    @property
    def said(self) -> str:
        """What the box really is, in words."""
        return str(json.loads((self.folder / "image.json").read_text())["said"])


def image() -> Image:
    """The image for this machine's mirrors, built if it is not there."""
    plan = sources.plan()
    folder = cache() / "images" / _key(plan)
    with only_one(folder):
        if not (folder / "image.json").exists():
            need_space(folder, 3, "the lab's image")
            _build(plan, folder)
    return Image(folder)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time make what belongs into a folder; others wait and find it made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"==> waiting for another process that is busy in {folder}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(plan: sources.Plan) -> str:
    """What goes into the image, as a name: another recipe is another image."""
    digest = hashlib.sha256()
    for path in sorted(RECIPE.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(RECIPE)).encode() + path.read_bytes())
    digest.update(repr((plan, PACKAGES, DISK, sources.apt_options())).encode())
    return f"{plan.distribution.suite}-{digest.hexdigest()[:12]}"


def _build(plan: sources.Plan, folder: Path) -> None:
    started = time.monotonic()
    print(f"==> building the lab's image: {plan.said}; about two minutes, once", flush=True)
    for name in ("client", "host"):
        (folder / name).unlink(missing_ok=True)
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "regraft-lab"]
        subprocess.run([*keygen, "-f", str(folder / name)], check=True)
    _write_recipe(plan, folder)
    owner = f"{os.getuid()}:{os.getgid()}"
    command = [*root(), "sh", str(RECIPE / "build.sh"), str(folder), owner]
    if subprocess.run(command, check=False).returncode:
        raise LabError(
            f"building the lab's image failed, its own words are above ({folder}). "
            "Next: make lab, once the cause is gone"
        )
    shutil.rmtree(folder / "recipe")
    seconds = round(time.monotonic() - started, 1)
    told = {"said": plan.said, "seconds": seconds, "sources": plan.lines}
    (folder / "image.json").write_text(json.dumps(told, indent=1))
    print(f"==> the lab's image is built: {seconds:.0f} s", flush=True)


def _write_recipe(plan: sources.Plan, folder: Path) -> None:
    of = plan.distribution
    recipe = folder / "recipe"
    recipe.mkdir(exist_ok=True)
    for name, text in {
        "suite": of.suite,
        "size": DISK,
        "packages": ",".join([*PACKAGES, of.kernel]),
        "headers": of.headers,
        "sources.list": "\n".join(plan.lines),
        "apt.conf": "\n".join(['Acquire::Languages "none";', *sources.apt_options()]),
    }.items():
        (recipe / name).write_text(text + "\n")
    trees = [RECIPE / "files", *([RECIPE / "noble"] if of.pretends else [])]
    paths = {path: tree for tree in trees for path in sorted(tree.rglob("*")) if path.is_file()}
    files = {str(path.relative_to(tree)): path.read_bytes() for path, tree in paths.items()}
    files |= {
        "regraft-setup.sh": (RECIPE / "setup.sh").read_bytes(),
        "usr/lib/regraft-lab/authorized_keys": (folder / "client.pub").read_bytes(),
        HOST_KEY: (folder / "host").read_bytes(),
        f"{HOST_KEY}.pub": (folder / "host.pub").read_bytes(),
    }
    (recipe / "files.tar").write_bytes(packed(files, secret=[HOST_KEY]))
