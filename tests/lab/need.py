"""What a machine must have for a make target: found, or installed by apt after saying so.

Standard library only: it runs before there is a virtual environment.
Usage: python3 tests/lab/need.py venv|lab|bench|test
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

Probe = Callable[[], bool]


def _command(name: str) -> Probe:
    # mke2fs and friends live in sbin, which a user's PATH may lack.
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return lambda: shutil.which(name, path=path) is not None


def _module(name: str) -> Probe:
    return lambda: importlib.util.find_spec(name) is not None


CELLS = {"systemd-container": _command("systemd-nspawn")}

# target -> Debian and Ubuntu package -> how to see that it is there
NEEDS: dict[str, dict[str, Probe]] = {
    "venv": {"python3-venv": _module("ensurepip")},
    "lab": {
        "mmdebstrap": _command("mmdebstrap"),
        "qemu-system-x86": _command("qemu-system-x86_64"),
        "qemu-utils": _command("qemu-img"),
        "e2fsprogs": _command("mke2fs"),
        "openssh-client": _command("ssh"),
        "gnupg": _command("gpg"),
    },
    "bench": {"zstd": _command("zstd"), **CELLS},
    "test": {
        "lintian": _command("lintian"),  # 16 MB to fetch, 25 MB of disk, most of it Perl's
        "curl": _command("curl"),
        **CELLS,
    },
}


class LabError(Exception):
    """Something went wrong with the lab: cause, evidence, and the next command to type."""


def root() -> list[str]:
    """What to put before a command that needs root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    raise LabError("this step needs root, and there is no sudo. Next: become root, run it again")


def ensure(target: str) -> None:
    """Install what the target lacks."""
    lacking = [package for package, there in NEEDS[target].items() if not there()]
    if not lacking:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *lacking]
    line = " ".join(install)
    if not shutil.which("apt-get"):
        raise LabError(
            f"missing: {', '.join(lacking)}, and this machine has no apt-get to get them"
        )
    try:
        prefix = root()
    except LabError:
        raise LabError(
            f"missing: {', '.join(lacking)}; not root, no sudo. Next, as root: {line}"
        ) from None
    print(f"==> installing what this machine lacks: {', '.join(lacking)}", flush=True)
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    for command in (["apt-get", *wait, "-qq", "update"], [*install, *wait, "-q"]):
        # sudo forgets the environment, env(1) does not
        told = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *command]
        if subprocess.run(told, check=False).returncode:
            raise LabError(f"`{' '.join(command)}` failed (its words are above). Next: sudo {line}")


def main() -> int:
    """Ensure what the named target needs."""
    try:
        ensure(sys.argv[1])
    except LabError as problem:
        print(f"regraft: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
