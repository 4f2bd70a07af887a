"""The graft on real boxes: put in place, proven, repaired, replaced and taken away again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from roles.graft.fit import fit, listing

from .arch import FILE
from .box import Box
from .broken import DEB
from .builder import tensile
from .grafts import LAZY, LIBRARY, PACKAGE, RECORD, TREE, graft, seen, undo, whole
from .mirror import Mirror
from .rocm import deploy


def library(box: Box, into: Path, folder: str = LIBRARY) -> dict[str, Path]:
    """The directory as it lies on the box."""
    command = [*box.ssh_command(), f"tar -C {folder} -hcf - ."]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    into.mkdir()
    subprocess.run(["tar", "-C", str(into), "-xf", "-"], input=packed, check=True)
    return listing(into)


def test_a_graft_is_whole_fits_and_is_taken_away_without_a_trace(
    quick: Box, tmp_path: Path
) -> None:
    before = quick.ssh(TREE).stdout
    first = graft(quick, tmp_path)
    assert first.status == 0, first.said
    assert graft(quick, tmp_path).unchanged
    assert quick.ssh(f"dpkg --verify {PACKAGE}").stdout == ""
    assert quick.ssh(f"cat {RECORD}").stdout.startswith("pass ")
    found = fit(library(quick, tmp_path / "library"), "gfx906")
    assert found.fits, found.reasons
    build = tensile()
    wanted = fit(listing(build.recipient), "gfx906", listing(build.donor))
    assert found.kernels == wanted.kernels > (1000 if build.real else 0)

    assert undo(quick, tmp_path).status == 0
    assert quick.ssh(TREE).stdout == before
    assert quick.ssh("ls /var/lib/regraft", check=False).returncode
    assert undo(quick, tmp_path).unchanged


def test_a_second_box_gets_what_was_fetched_and_built_for_the_first(
    quick: Box, mirror: Mirror, tmp_path: Path
) -> None:
    own = {"upstream_cache": str(tmp_path / "cache"), "upstream_lock": str(tmp_path / "lock.toml")}
    asked = len(mirror.requests)
    assert graft(quick, tmp_path, **own).status == 0
    (built,) = (tmp_path / "cache/grafts").glob("*.deb")
    inode = built.stat().st_ino
    quick.restore("rocm")
    assert graft(quick, tmp_path, **own).status == 0
    fetched = [one for one in mirror.requests[asked:] if one.path.endswith(FILE)]
    assert len(fetched) == 1
    assert built.stat().st_ino == inode


def test_a_byte_that_was_changed_by_hand_is_recorded_by_apt_and_repaired_by_a_run(
    quick_installed: Box, tmp_path: Path
) -> None:
    victim = f"{LIBRARY}/Kernels.so-000-gfx906.hsaco"
    quick_installed.ssh(f"printf X | dd of={victim} bs=1 seek=1000 conv=notrunc")
    quick_installed.ssh("apt-get -y --allow-change-held-packages --reinstall install rocblas")
    record = quick_installed.ssh(f"cat {RECORD}").stdout
    assert record.startswith("fail ")
    assert victim in record
    repaired = graft(quick_installed, tmp_path)
    assert repaired.status == 0, repaired.said
    assert "Kernels.so-000-gfx906.hsaco: not as the graft has brought it" in repaired.said
    assert whole(quick_installed)
    assert quick_installed.ssh(f"cat {RECORD}").stdout.startswith("pass ")
    assert graft(quick_installed, tmp_path).unchanged


def test_an_earlier_copy_by_hand_is_set_aside_and_comes_back_with_undo(
    quick: Box, tmp_path: Path
) -> None:
    copied = {f"{LIBRARY}/old_gfx906.co": "other", LAZY: "a catalog of another build"}
    for path, text in copied.items():
        quick.ssh(f"printf %s '{text}' >'{path}'")
    quick.ssh(f"mkdir {LIBRARY}/gfx906; touch {LIBRARY}/gfx906/half")
    before = quick.ssh(TREE).stdout
    told = graft(quick, tmp_path)
    assert told.status == 0, told.said
    assert "of an earlier copy by hand, to be set aside" in told.said
    assert quick.ssh(f"ls -d {LIBRARY}/old_gfx906.co {LIBRARY}/gfx906", check=False).stdout == ""
    assert whole(quick)
    assert undo(quick, tmp_path).status == 0
    assert quick.ssh(TREE).stdout == before


def test_in_a_folder_of_its_own_it_is_as_whole_and_can_be_laid_flat_again(
    quick: Box, tmp_path: Path
) -> None:
    before = quick.ssh(TREE).stdout
    apart = graft(quick, tmp_path, graft_layout="arch-dir")
    assert apart.status == 0, apart.said
    assert quick.ssh(f"readlink {LIBRARY}/gfx906").stdout == "../regraft-gfx906\n"
    assert fit(library(quick, tmp_path / "a", f"{LIBRARY}/gfx906"), "gfx906").fits
    assert graft(quick, tmp_path, graft_layout="arch-dir").unchanged

    flat = graft(quick, tmp_path)
    assert flat.status == 0, flat.said
    assert quick.ssh(f"ls {LIBRARY}/gfx906", check=False).returncode
    assert fit(library(quick, tmp_path / "b"), "gfx906").fits
    assert undo(quick, tmp_path).status == 0
    assert quick.ssh(TREE).stdout == before


def test_a_newer_rocblas_takes_the_graft_away_visibly_and_the_next_run_puts_all_right(
    quick_installed: Box, tmp_path: Path
) -> None:
    newer = "4.4.1.60403-999~24.04"
    quick_installed.ssh(f"{DEB} deb rocblas {newer}; true")
    held = quick_installed.ssh("apt-get -y install /tmp/rocblas.deb", check=False)
    assert held.returncode
    assert seen(quick_installed)
    forced = "apt-get -y --allow-change-held-packages install /tmp/rocblas.deb"
    assert f"{PACKAGE}" in quick_installed.ssh(forced).stdout
    assert not seen(quick_installed)
    again = deploy(quick_installed, tmp_path)
    assert again.status == 0, again.said
    assert whole(quick_installed)
    assert deploy(quick_installed, tmp_path).unchanged


def test_without_rocm_there_is_nothing_to_graft_onto_and_the_run_says_what_is(
    listed: Box, tmp_path: Path
) -> None:
    told = graft(listed, tmp_path)
    assert told.status == 1
    assert "there is no rocBLAS of ROCm 6.4.3 in /opt/rocm-6.4.3" in told.said
    assert "deploy/mi50.py" in told.said
