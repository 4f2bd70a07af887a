"""The questions that the role rocm asks a box, in one command."""

from __future__ import annotations

from pathlib import Path

from roles.look import shell
from roles.rocm.files import LEFTOVERS, OWN, STAGE

ASK = Path(__file__).with_name("ask")

# Where all that is said of packages, accounts, our files and the module comes from: one list, whose
# state is asked once. A module in a place that is not among these has depmod write its list anew.
FILES = (
    *(
        *shell.DPKG,
        *shell.ACCOUNTS,
        *OWN,
        *LEFTOVERS,
        "/etc/alternatives",
        "/var/lib/dpkg/alternatives/rocm",
    ),
    "/lib/modules/$kernel/modules.dep.bin",
    *(f"/lib/modules/$kernel/{one}/amdgpu.ko*" for one in ("updates", "updates/dkms", "extra")),
    "/lib/modules/$kernel/kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko*",
)


def probes(user: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer.

    + user: the account that will use the cards; empty means the one that is logged in
    """

    def kept(name: str, question: str) -> str:
        return shell.kept(name, question, FILES)

    return {
        "files": "read -r kernel </proc/sys/kernel/osrelease\n"
        + shell.keeping()
        + kept("files", f"sha256sum {' '.join((*OWN, *LEFTOVERS))} 2>/dev/null || :"),
        "packages": kept("packages", shell.PACKAGES),
        "alternative": kept("alternative", "update-alternatives --query rocm 2>/dev/null || :"),
        "account": shell.account(user) + shell.who(FILES),
        "system": '(. /etc/os-release; echo "$ID $VERSION_ID")',
        "driver": kept("module", (ASK / "module.sh").read_text())
        + shell.snippet(ASK / "driver.sh"),
        "interrupted": f"for one in /var/lib/dpkg/updates/* {STAGE}; do "
        '[ ! -e "$one" ] || echo "$one"; done',
    }
