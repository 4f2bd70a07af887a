"""The lab box itself: everything later stands on it, so it must do what it says."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from .box import Box, qemu
from .lab import Lab, sweep
from .need import LabError
from .places import CHECKOUT


def has_a_card(box: Box) -> bool:
    return "[1002:66a1]" in box.ssh("lspci -nn").stdout


def test_a_resumed_box_has_todays_clock_and_its_own_name(box: Box) -> None:
    clock, name = box.ssh("date +%s; hostname").stdout.split()
    assert abs(int(clock) - time.time()) < 60
    assert name == "lab"


def test_user_may_use_sudo_without_a_password_and_without_complaints(box: Box) -> None:
    told = box.ssh("sudo -n id -u", user="user")
    assert (told.stdout, told.stderr) == ("0\n", "")


def test_the_box_has_what_a_server_has_and_nothing_that_a_deploy_installs(box: Box) -> None:
    there = box.ssh("command -v curl gpg lspci python3 sudo wget git mokutil; true").stdout
    assert len(there.split()) == 8
    absent = box.ssh("command -v gcc make dkms docker podman rocminfo cmake; true").stdout
    assert absent == ""
    assert box.ssh("ls -d /usr/src/linux-headers-* /opt/rocm* 2>/dev/null; true").stdout == ""


def test_the_box_calls_itself_noble_or_is_noble(box: Box) -> None:
    assert box.ssh(". /etc/os-release; echo $VERSION_CODENAME").stdout == "noble\n"
    assert box.ssh("lsb_release -cs").stdout.splitlines()[-1] == "noble"
    assert "Ubuntu 24.04" in box.image.said


def test_going_back_to_a_snapshot_undoes_what_came_after(box: Box) -> None:
    box.ssh("echo before >/root/kept")
    box.snapshot("here")
    box.ssh("rm /root/kept; touch /root/later; apt-mark hold curl")
    box.restore("here")
    assert box.ssh("ls /root; apt-mark showhold").stdout.split() == ["kept"]


def test_after_a_reboot_it_is_another_boot_with_the_same_cards(box: Box) -> None:
    first = box.ssh("cat /proc/sys/kernel/random/boot_id").stdout
    box.reboot()
    assert box.ssh("cat /proc/sys/kernel/random/boot_id").stdout != first
    assert has_a_card(box)
    assert box.ssh("systemctl is-failed regraft-lab-card", check=False).stdout == "active\n"


def test_what_was_on_the_disk_survives_a_cut_of_the_power(box: Box, lab: Lab) -> None:
    box.ssh("echo kept >/root/synced; sync")
    box.reset()  # cut for a moment
    assert box.ssh("cat /root/synced").stdout == "kept\n"
    box.kill()  # cut until someone comes
    assert not box.running
    box.start(lab.acceleration)
    assert box.ssh("cat /root/synced").stdout == "kept\n"
    assert has_a_card(box)


def test_two_boxes_run_side_by_side_and_know_nothing_of_each_other(box: Box, lab: Lab) -> None:
    second = lab.box("second", cards="two-mi50")
    box.ssh("touch /root/first")
    assert second.ssh("hostname; ls /root").stdout == "second\n"
    assert second.ssh("lspci -nn").stdout.count("[1002:66a1]") == 2
    second.remove()
    assert not second.running
    assert not second.folder.exists()
    assert has_a_card(box)


def test_a_box_of_the_same_name_takes_the_place_of_the_first(lab: Lab) -> None:
    first = lab.box("again")
    process = qemu(first.folder)
    second = lab.box("again")
    assert process is not None
    assert qemu(second.folder) != process
    left = Path(f"/proc/{process}/cmdline")
    assert not left.exists() or str(second.folder).encode() not in left.read_bytes()
    assert second.ssh("hostname").stdout == "again\n"
    second.remove()


def test_an_orderly_shutdown_ends_the_machine(lab: Lab) -> None:
    box = lab.box("third")
    box.shutdown()
    assert not box.running
    box.remove()


def test_a_port_in_use_gives_one_line_and_the_next_command(lab: Lab) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LabError, match=f"port {port} is in use.*Next: REGRAFT_LAB_PORT=0"):
            lab.box("fourth", port=port)


def test_boxes_of_a_killed_test_run_are_found_and_ended(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as boxes:  # pytest's own are too long for a socket's name
        script = (
            "import os\n"
            "from tests.lab.lab import Lab\n"
            "from pathlib import Path\n"
            f"box = Lab(Path({boxes!r}) / f'test-{{os.getpid()}}').box()\n"
            "print(box.folder, flush=True)\n"
            "os.kill(os.getpid(), 9)\n"
        )
        killed = [sys.executable, "-c", script]
        died = subprocess.run(killed, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert died.stdout, died.stderr
        left = Box(Path(died.stdout.strip().splitlines()[-1]))
        assert left.running
        sweep(Path(boxes))
        assert not left.running
        assert not left.folder.exists()
