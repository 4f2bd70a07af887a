"""The questions that the preflight asks a box: shell snippets that look and change nothing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

ASK = Path(__file__).with_name("ask")

SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
# Ubuntu's and Debian's own builds carry names that AMD's packages have, or bring libraries
# of the same name; amdgpu-* tells of an earlier install by AMD's tool.
PACKAGES = (
    "rocm* rocminfo hip* libhip* libamdhip* libhsa* libhsakmt* librocblas* libroc* librccl* "
    "amdgpu-* amd-smi* miopen* libmiopen* libamd-comgr* "
    "linux-generic* linux-image-generic* linux-headers-generic*"
)


def probes(user: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer.

    + user: the account that will use the cards; empty means the one that is logged in
    + addresses: what the box must be able to reach, by name
    """
    # under sudo the login is in SUDO_USER, not in LOGNAME
    account = shlex.quote(user) if user else '"${SUDO_USER:-$(id -un)}"'
    upstreams = "\n".join(f"{name} {url}" for name, url in addresses.items())
    return {
        "system": "cat /etc/os-release",
        "machine": "uname -m; uname -r; id -u; systemd-detect-virt",
        "kernel line": "cat /proc/cmdline",
        "memory": "cat /proc/meminfo",
        "disk": _ask("disk"),
        "efi": f"[ -d /sys/firmware/efi ] && echo efi; od -An -tu1 {SECURE_BOOT} 2>/dev/null",
        "reboot": "cat /run/reboot-required 2>/dev/null",
        "dpkg": "dpkg --audit 2>/dev/null",
        # with a cache in memory only: a look must not write /var/cache/apt/pkgcache.bin
        "apt": "apt-get -qq check -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= "
        "-o Dir::Cache::srcpkgcache=",
        "locks": _ask("locks"),
        "packages": "dpkg-query -W -f '${db:Status-Abbrev}\\t${Package}\\t${Version}\\n' "
        f"{' '.join(shlex.quote(name) for name in PACKAGES.split())} 2>/dev/null",
        "opt": _ask("opt"),
        "amd sources": "grep -lsE 'repo.radeon.com|apt-gfx906' /etc/apt/sources.list "
        "/etc/apt/sources.list.d/*",
        "user": _ask("user", user=account),
        "environment": _ask("environment"),
        "conda": 'ls -d /opt/*conda* /opt/miniforge* "$home"/*conda* "$home"/miniforge* '
        "2>/dev/null",
        "iommu": "ls /sys/class/iommu 2>/dev/null",
        "fans": "grep -sH '' /sys/class/hwmon/hwmon*/fan*_input",
        "kernel log": _ask("kernel_log"),
        "reach": _ask("reach", upstreams=shlex.quote(upstreams)),
    }


def _ask(name: str, **given: str) -> str:
    """A snippet from the folder ask/, after assignments of what it is given."""
    told = "".join(f"{variable}={value}\n" for variable, value in given.items())
    return told + (ASK / f"{name}.sh").read_text()
