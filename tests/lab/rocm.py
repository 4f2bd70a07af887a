"""Runs of the whole deploy against lab boxes, and what must be true of a box after them."""

from __future__ import annotations

import json
from pathlib import Path

from .box import Box
from .cell import Cell
from .grafts import RECORD
from .looks import cards
from .runs import Outcome, run

MI50 = "deploy/mi50.py"
VERSIONS = {"6.4.3": "4.4.1.60403-128~24.04", "7.0.2": "5.0.2.70002-56~24.04"}  # of rocblas

# Whatever a failed run must leave alone: packages, their states and holds, apt's configuration,
# and the trees that packages write to.
AS_IT_WAS = (
    "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'; "
    "find /etc /opt /usr/share /var/lib/dpkg/info /var/lib/dpkg/alternatives "
    "-printf '%p %y %m %u %s %l\\n' | sort; sha256sum $(find /etc -type f); ls /var/lib/regraft/apt"
)


def deploy(box: Box, reports: Path, *arguments: str, **settings: object) -> Outcome:
    """Run it with these settings on top of the lab's."""
    data = [
        word
        for name, value in settings.items()
        for word in ("--data", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]
    return run(MI50, box, reports=reports, arguments=(*data, *arguments))


def healthy(box: Box, release: str) -> None:
    """What must be true of a box with this release alone, whichever way it came to it."""
    sound(box, release)
    assert box.ssh("dpkg-query -W -f '${Version}' rocblas").stdout == VERSIONS[release]
    assert len(box.ssh("ls -d /opt/rocm-*").stdout.split()) == 1
    graft = box.ssh("dpkg-query -W -f '${Status} ${Depends}' regraft-rocblas-gfx906").stdout
    assert graft == f"install ok installed rocblas (= {VERSIONS[release]})"
    assert box.ssh("dpkg --verify regraft-rocblas-gfx906").stdout == ""
    assert box.ssh(f"cat {RECORD}").stdout.startswith("pass ")


def sound(box: Box, release: str) -> None:
    """What must be true of a box that has this release chosen."""
    assert box.ssh("dpkg --audit; apt-get -qq check -o Debug::NoLocking=1").stdout == ""
    assert box.ssh("readlink -f /opt/rocm").stdout == f"/opt/rocm-{release}\n"
    amds = "dpkg-query -W -f '${Version}\\n' | grep -cE '[.](60403|70002)-'; true"
    assert int(box.ssh(amds).stdout) == len(box.ssh("apt-mark showhold").stdout.split())
    assert box.ssh("ls /var/lib/regraft/apt", check=False).returncode
    assert box.ssh("sh -lc 'command -v rocminfo'", user="user").stdout
    if not isinstance(box, Cell):
        isas = [isa for one in cards(box).cards for isa in one.isas]
        assert any("gfx906" in isa for isa in isas)
        box.ssh("exec 3<>/dev/kfd", user="user")


def refused(box: Box, reports: Path, *words: str, **settings: object) -> None:
    """It stops with these words, and the box is as it was."""
    before = box.ssh(AS_IT_WAS, check=False).stdout
    outcome = deploy(box, reports, **settings)
    assert outcome.status == 1
    said = " ".join(outcome.said.split())
    assert [word for word in words if word not in said] == [], outcome.said
    assert "Traceback" not in outcome.said
    assert box.ssh(AS_IT_WAS, check=False).stdout == before
    assert box.ssh("dpkg --audit; apt-get -qq check -o Debug::NoLocking=1").stdout == ""
