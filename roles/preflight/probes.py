"""The questions that the preflight asks a box: shell snippets that look and change nothing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from roles.look import shell

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
    upstreams = "\n".join(f"{name} {url}" for name, url in addresses.items())
    return {
        "system": "cat /etc/os-release",
        "machine": "uname -m; uname -r; id -u; systemd-detect-virt",
        "kernel line": "cat /proc/cmdline",
        "memory": "cat /proc/meminfo",
        "disk": shell.snippet(ASK / "disk.sh"),
        "efi": f"[ -d /sys/firmware/efi ] && echo efi; od -An -tu1 {SECURE_BOOT} 2>/dev/null",
        "reboot": "cat /run/reboot-required 2>/dev/null",
        "dpkg": "dpkg --audit 2>/dev/null",
        "apt": shell.snippet(ASK / "apt.sh"),
        "stuck": "dpkg-query -W -f '${db:Status-Status}\\t${Package}\\t${Version}\\n' | "
        "grep -vE '^(installed|config-files|not-installed)'",
        "locks": shell.snippet(ASK / "locks.sh"),
        "packages": "dpkg-query -W -f '${db:Status-Abbrev}\\t${Package}\\t${Version}\\n' "
        f"{' '.join(shlex.quote(name) for name in PACKAGES.split())} 2>/dev/null",
        "opt": shell.snippet(ASK / "opt.sh"),
        "amd sources": "grep -lsE 'repo.radeon.com|apt-gfx906|regraft-amd' /etc/apt/sources.list "
        "/etc/apt/sources.list.d/*",
        "user": shell.account(user) + shell.snippet(ASK / "user.sh"),
        "environment": shell.snippet(ASK / "environment.sh"),
        "conda": 'ls -d /opt/*conda* /opt/miniforge* "$home"/*conda* "$home"/miniforge* '
        "2>/dev/null",
        "iommu": "ls /sys/class/iommu 2>/dev/null",
        "fans": "grep -sH '' /sys/class/hwmon/hwmon*/fan*_input",
        "kernel log": shell.snippet(ASK / "kernel_log.sh"),
        "reach": shell.snippet(ASK / "reach.sh", upstreams=upstreams),
    }
