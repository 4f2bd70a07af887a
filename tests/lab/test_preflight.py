"""The preflight on a real box with something wrong: each is found, with evidence, and a fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roles.finding import Finding

from . import card
from .box import Box
from .broken import DEB, LOCKED
from .lab import plug
from .looks import findings
from .mirror import Mirror, Misbehaviour, Missing, RangeIgnored, RedirectLoop


def test_a_new_box_has_nothing_worse_than_warnings(box: Box) -> None:
    levels = {one.code: one.level for one in findings(box).values() if one.level == "stop"}
    assert levels == {}


def test_a_held_package_lock_names_the_process(box: Box) -> None:
    box.ssh(LOCKED)
    found = findings(box)["apt-lock"]
    assert found.level == "stop"
    assert "lock-frontend" in found.evidence
    assert "python3" in found.evidence
    assert "tail --pid=" in found.fix


def test_a_half_configured_package_is_a_stop(box: Box) -> None:
    box.ssh(f"{DEB} deb half 1 'exit 1'; dpkg -i /tmp/half.deb", check=False)
    found = findings(box)["dpkg"]
    assert (found.level, "half" in found.evidence) == ("stop", True)
    assert "dpkg --configure -a" in found.fix


def test_a_package_of_the_distribution_that_shadows_amds_is_named(box: Box) -> None:
    box.ssh(f"{DEB} deb rocminfo 5.7.1-3build1; dpkg -i /tmp/rocminfo.deb")
    found = findings(box)["shadows"]
    assert found.level == "warning"
    assert found.evidence == "rocminfo 5.7.1-3build1"


def test_amds_own_package_of_that_name_is_no_shadow(box: Box) -> None:
    box.ssh(f"{DEB} deb rocminfo 1.0.0.60403-128~24.04; dpkg -i /tmp/rocminfo.deb")
    assert findings(box)["shadows"].level == "ok"


def test_a_rocm_that_no_package_owns_is_left_over(box: Box) -> None:
    box.ssh("mkdir -p /opt/rocm-6.2.0/lib")
    found = findings(box)["leftovers"]
    assert (found.level, "/opt/rocm-6.2.0" in found.evidence) == ("warning", True)


def test_harmful_environment_settings_are_found_where_they_stand(box: Box) -> None:
    box.ssh("echo 'export HSA_OVERRIDE_GFX_VERSION=9.0.6' >>/home/user/.bashrc")
    found = findings(box)["environment"]
    assert found.level == "warning"
    assert "/home/user/.bashrc" in found.evidence
    assert "HSA_OVERRIDE_GFX_VERSION=9.0.6" in found.evidence


def test_a_setting_that_is_commented_out_harms_nobody(box: Box) -> None:
    box.ssh("echo '# HSA_OVERRIDE_GFX_VERSION=9.0.6' >>/etc/environment")
    assert findings(box)["environment"].level == "ok"


def test_conda_that_starts_by_itself_is_a_warning(box: Box) -> None:
    box.ssh("mkdir /home/user/miniconda3; echo '# >>> conda initialize >>>' >>/home/user/.bashrc")
    found = findings(box)["conda"]
    assert (found.level, "miniconda3" in found.evidence) == ("warning", True)


def test_the_user_is_the_one_named_and_not_the_one_logged_in(box: Box) -> None:
    assert "root" in findings(box, user="root")["user"].said
    assert "no account nobody2" in findings(box, user="nobody2")["user"].said
    box.ssh("usermod -aG render,video user")
    assert findings(box)["user"].level == "ok"


def test_an_upstream_that_does_not_give_the_file_is_named(box: Box, tmp_path: Path) -> None:
    found, _ = _asked(box, tmp_path, Missing())
    assert (found.level, "404" in found.evidence) == ("warning", True)
    assert "upstream_addresses" in found.fix


def test_an_upstream_that_answers_is_asked_for_one_byte(box: Box, tmp_path: Path) -> None:
    found, brought = _asked(box, tmp_path, None)
    assert (found.level, brought) == ("ok", 1)


def test_an_upstream_that_knows_no_ranges_answers_as_well(box: Box, tmp_path: Path) -> None:
    found, brought = _asked(box, tmp_path, RangeIgnored())
    assert (found.level, brought > 1) == ("ok", True)


def test_an_upstream_that_redirects_is_followed(box: Box, tmp_path: Path) -> None:
    found, _ = _asked(box, tmp_path, RedirectLoop(), times=1)
    assert found.level == "ok"


def _asked(
    box: Box, folder: Path, wrong: Misbehaviour | None, times: int | None = None
) -> tuple[Finding, int]:
    """
    What is said of an upstream with a file larger than a look may fetch, and how much it sent.

    + times: that it goes wrong
    """
    (folder / "InRelease").write_bytes(bytes(200_000))
    with Mirror() as mirror:
        mirror.serve_folder("ok", folder)
        if wrong:
            mirror.misbehave("ok/*", wrong, times=times)
        address = f"{mirror.guest_url}/ok/InRelease"
        found = findings(box, addresses={"amd-rocm": address})["reach"]
        return found, sum(one.sent for one in mirror.requests)


def test_a_name_that_does_not_resolve_is_told_from_a_server_that_refuses(box: Box) -> None:
    found = findings(box, addresses={"amd-rocm": "http://nowhere.invalid/x"})["reach"]
    assert "resolve" in found.evidence


CARDS_GONE_WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "hot": ({"edge": 91, "junction": 97, "memory": 90}, "cooling", "stop"),
    "a junction sensor that reads too high": ({"junction": 88}, "cooling", "warning"),
    "at work and warm": ({"edge": 81, "junction": 95, "memory": 80, "busy": 99}, "cooling", "note"),
    "cool": ({}, "cooling", "note"),
    "a riser of four lanes": ({"link_width": 4}, "link", "warning"),
    "eight lanes": ({"link_width": 8}, "link", "note"),
    "a small BAR": ({"bar_mib": 256}, "bar", "note"),
    "no Above 4G Decoding": ({"above_4g": False}, "bar", "stop"),
}


@pytest.mark.parametrize("name", CARDS_GONE_WRONG)
def test_what_is_wrong_with_a_card_is_judged(box: Box, name: str) -> None:
    changes, code, level = CARDS_GONE_WRONG[name]
    plug(box, card.tree("mi50", **changes))
    found = findings(box)[code]
    assert found.level == level, found


def test_several_cards_are_asked_about_the_iommu(box: Box) -> None:
    assert "iommu" not in findings(box)
    plug(box, card.tree("two-mi50"))
    assert "iommu" in findings(box)
