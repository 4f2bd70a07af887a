"""The questions that the preflight asks a box: shell snippets that look and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from roles.look import shell

ASK = Path(__file__).with_name("ask")

# Where all that is said of dpkg, apt, a ROCm and accounts comes from: one list, asked once.
SOFTWARE = (
    *(*shell.DPKG, "/var/lib/dpkg/info", "/var/lib/dpkg/arch", "/etc/apt", "/etc/apt/*"),
    *("/etc/apt/sources.list.d/*", "/etc/apt/apt.conf.d/*", "/etc/apt/preferences.d/*"),
    *("/opt", "/opt/rocm*", "/opt/amdgpu*"),
    *shell.ACCOUNTS,
)
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def probes(user: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer.

    + user: the account that will use the cards; empty means the one that is logged in
    + addresses: what the box must be able to reach, by name
    """
    upstreams = "\n".join(f"{name} {url}" for name, url in addresses.items())

    def kept(name: str, question: str) -> str:
        return shell.kept(name, question, SOFTWARE)

    sources = kept("sources", (ASK / "sources.sh").read_text())
    return {
        "system": shell.read("/etc/os-release"),
        "machine": shell.keeping()
        + 'read -r kernel </proc/sys/kernel/osrelease; printf "%s " "$kernel"\n'
        + kept("machine", "uname -m; id -u; systemd-detect-virt || [ $? = 1 ]"),
        "kernel line": shell.read("/proc/cmdline"),
        "memory": 'read -r memory </proc/meminfo; echo "$memory"',
        "disk": shell.snippet(ASK / "disk.sh"),
        "efi": "[ ! -d /sys/firmware/efi ] || "
        f"{{ echo efi; od -An -tu1 {SECURE_BOOT}; }} 2>/dev/null",
        "reboot": "[ ! -e /run/reboot-required ] || echo required",
        "dpkg": kept("audit", "dpkg --audit 2>/dev/null"),
        "apt": kept("check", (ASK / "apt.sh").read_text()),
        "locks": shell.snippet(ASK / "locks.sh"),
        "packages": kept("packages", shell.PACKAGES),
        "opt": kept("opt", (ASK / "opt.sh").read_text()),
        "amd sources": kept(
            "amd-sources",
            "grep -lsE 'repo.radeon.com|apt-gfx906|regraft-amd' /etc/apt/sources.list "
            "/etc/apt/sources.list.d/* || :",
        ),
        "user": f"{shell.account(user)}who() {{\n{shell.who(SOFTWARE)}}}\n"
        + shell.snippet(ASK / "user.sh"),
        "environment": shell.snippet(ASK / "environment.sh"),
        "conda": 'for one in /opt/*conda* /opt/miniforge* "$home"/*conda* "$home"/miniforge*; '
        'do [ ! -e "$one" ] || echo "$one"; done',
        "iommu": 'for one in /sys/class/iommu/*; do [ ! -e "$one" ] || echo "$one"; done',
        "fans": "for one in /sys/class/hwmon/hwmon*/fan*_input; do "
        '[ ! -r "$one" ] || ! read -r turns <"$one" || echo "$one:$turns"; done',
        "kernel log": shell.snippet(ASK / "kernel_log.sh"),
        "reach": f"sources() {{ {sources}}}\n"
        + shell.snippet(ASK / "reach.sh", upstreams=upstreams),
    }
