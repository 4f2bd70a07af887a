"""A release switch that is cut off in the middle, and the run after it."""

from __future__ import annotations

from pathlib import Path

from .box import Box
from .lab import Lab
from .rocm import MI50, deploy, healthy
from .runs import kill, start

BEGUN = "timeout 300 sh -c 'until [ -e /opt/rocm-7.0.2/lib ]; do :; done'"
NEW = ("--data", "rocm_release=7.0.2")


def test_a_power_cut_in_the_middle_of_a_switch_is_healed_by_the_next_run(
    lab: Lab, installed: Box, tmp_path: Path
) -> None:
    process = start(MI50, installed, reports=tmp_path, arguments=NEW)
    installed.ssh(BEGUN)
    installed.kill()
    kill(process)
    installed.start(lab.acceleration)
    half = installed.ssh("dpkg --audit; apt-get -qq check", check=False)
    assert half.stdout + half.stderr  # or it was not the middle
    healed = deploy(installed, tmp_path, rocm_release="7.0.2")
    assert healed.status == 0, healed.said
    healthy(installed, "7.0.2")
    assert deploy(installed, tmp_path, rocm_release="7.0.2").unchanged
    installed.reboot()
    healthy(installed, "7.0.2")


def test_a_killed_run_does_not_cut_apt_off_the_next_ends_the_switch_and_one_more_goes_back(
    quick_installed: Box, tmp_path: Path
) -> None:
    process = start(MI50, quick_installed, reports=tmp_path, arguments=NEW)
    quick_installed.ssh(BEGUN)
    kill(process)
    quick_installed.ssh("pgrep -x 'apt-get|dpkg'")  # it goes on
    quick_installed.ssh("while pgrep -x 'apt-get|dpkg' >/dev/null; do sleep 0.2; done")
    assert quick_installed.ssh("dpkg --audit; apt-get -qq check").stdout == ""
    for release in ("7.0.2", "6.4.3"):
        switched = deploy(quick_installed, tmp_path, rocm_release=release)
        assert switched.status == 0, switched.said
        healthy(quick_installed, release)
        again = deploy(quick_installed, tmp_path, rocm_release=release)
        assert again.unchanged, again.said
    assert deploy(quick_installed, tmp_path).unchanged
