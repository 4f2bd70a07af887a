"""One look for a whole run: what it saves, and that it decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.graft.probes import probes as graft
from roles.preflight.probes import probes as preflight
from roles.rocm.probes import probes as rocm

from .box import Box
from .budget import BUDGET, GRAFT, MI50, PREFLIGHT, ROCM_ALONE
from .cell import Cell
from .grafts import LIBRARY
from .installed import INSTALLED, LISTED, ROCM
from .lab import Lab
from .looks import told, told_after
from .modules import modules
from .runs import run

PREFIX = "/opt/rocm-6.4.3"

# What somebody does by hand between two runs.
BY_HAND = (
    "apt-get -y --allow-change-held-packages remove hipfft; apt-mark unhold rocblas; "
    f"rm $(ls {LIBRARY}/*gfx906* | head -n 1); "
    "gpasswd -d user render; rm /etc/profile.d/*rocm*"
)
NOTHING = ":"
UNDO = "deploy/undo.py"


@pytest.mark.parametrize("deploy", [PREFLIGHT, ROCM_ALONE, GRAFT, MI50])
def test_a_run_that_changes_nothing_keeps_within_its_remote_commands(
    quick_installed: Box, tmp_path: Path, deploy: str
) -> None:
    assert run(deploy, quick_installed, reports=tmp_path).unchanged
    again = run(deploy, quick_installed, reports=tmp_path, arguments=("-vv",))
    assert again.unchanged, again.said
    assert again.commands == BUDGET[deploy], again.said


@pytest.fixture(scope="module")
def foreseen() -> set[str]:
    """Deploys that have been run over the cell before, so that the next run foresees something."""
    return set()


@pytest.mark.parametrize(
    ("deploy", "label", "by_hand"),
    [
        *((MI50, label, NOTHING) for label in (LISTED, ROCM, INSTALLED)),
        (UNDO, INSTALLED, NOTHING),
        *((one, INSTALLED, BY_HAND) for one in (PREFLIGHT, ROCM_ALONE, GRAFT, MI50, UNDO)),
    ],
)
def test_a_deploy_does_the_same_with_one_look_and_without(
    lab: Lab,
    cell: Cell | None,
    foreseen: set[str],
    tmp_path: Path,
    deploy: str,
    label: str,
    by_hand: str,
) -> None:
    if cell is None:
        pytest.skip("too many runs for an emulated box, and this machine makes no cells")
    if deploy not in foreseen:
        lab.back(cell, INSTALLED)
        assert run(deploy, cell, reports=tmp_path).status == 0
        foreseen.add(deploy)
    done = []
    for once in ("true", "false"):
        lab.back(cell, label)
        cell.ssh(by_hand)
        outcome = run(
            deploy, cell, reports=tmp_path, arguments=("-vv", "--data", f"look_once={once}")
        )
        assert outcome.status == 0, outcome.said
        done.append(outcome.steps)
    assert done[0] == done[1]
    operations, commands = done[0]
    nothing_to_do = deploy == PREFLIGHT or (deploy, label, by_hand) == (MI50, INSTALLED, NOTHING)
    assert bool(commands) == any(changed for _, changed in operations) == (not nothing_to_do)


MODULE = "/lib/modules/$(uname -r)/updates/dkms/amdgpu.ko"

# What changes an answer that a box has kept.
CHANGES = (
    "echo 'deb [signed-by=/x] http://127.0.0.1:9/ y main' >/etc/apt/sources.list.d/other.list",
    "echo 'Acquire::http::Proxy \"http://127.0.0.1:9\";' >/etc/apt/apt.conf.d/99other",
    "echo nonsense >/etc/apt/sources.list.d/nonsense.list",
    "rm /etc/apt/sources.list.d/nonsense.list",
    "rm /var/lib/dpkg/info/hostname.list",
    "usermod --append --groups games user",
    "usermod --comment 'somebody else' user",
    "ln -sfn /opt/other /etc/alternatives/rocm",
    "dpkg --force-depends --remove rocm-core",
    "apt-mark unhold rocblas",
    "mkdir /opt/rocm-9.9.9",
    "echo '# x' >>/etc/apt/preferences.d/regraft-amd",
    f"install -D /root/amdgpu.ko {MODULE}; depmod",
    f"sed -i s/srcversion=./srcversion=Z/ {MODULE}",
    f"file=$(ls {LIBRARY}/*_fallback.dat | head -n 1); echo >>$file",
    f"file=$(ls {LIBRARY}/*gfx906*.co | head -n 1); printf x | dd conv=notrunc of=$file",
    f"mv $(ls {LIBRARY}/*gfx906*.co | head -n 1) /root",
)
ASKED = (
    preflight("user", {"a": "http://127.0.0.1:9/"}),
    rocm("user"),
    graft(PREFIX, "6.4.3", "gfx906"),
)


def test_what_a_box_has_kept_of_its_answers_is_old_as_soon_as_it_has_changed(
    quick_installed: Box,
) -> None:
    box = quick_installed
    box.ssh("cat >/root/amdgpu.ko", stdin=(modules(box.image) / "amdgpu.ko").read_bytes())
    for change, found, anew, before in told_after(box, CHANGES, ASKED):
        assert found == anew, change
        assert found != before, change


def test_an_account_of_which_more_than_files_may_tell_is_asked_of_each_time(
    quick_installed: Box,
) -> None:
    """As one whose groups a directory server has."""
    box = quick_installed
    kept = "ls /run/regraft/kept | grep -c ^who-user || :"
    told(box, ASKED)
    assert box.ssh(kept).stdout == "2\n"  # of two roles
    box.ssh("sed -i 's/^group:.*/group: files sss/' /etc/nsswitch.conf; rm -r /run/regraft")
    told(box, ASKED)
    assert box.ssh(kept).stdout == "0\n"
