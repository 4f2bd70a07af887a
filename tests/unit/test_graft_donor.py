"""Donors are data: those that come along hold together, and a person's own is read kindly."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.graft.donor import KEYS, KINDS, for_release, known, load, trusted_keys
from roles.rocm import release
from roles.settings import SettingError
from roles.upstream.table import upstreams
from tests.lab.mirror import upstream

OWN = """
arch = "gfx906"
kind = "folder"
path = "/srv/library"
version = "6.4.3"
recipients = ["6.4.3"]
why = "mine"
"""


def own(folder: Path, more: str = "", without: str = "") -> str:
    path = folder / "mine.toml"
    lines = [line for line in OWN.splitlines() if not without or not line.startswith(without)]
    path.write_text("\n".join([*lines, more]))
    return str(path)


@pytest.mark.parametrize("name", known())
def test_every_donor_names_an_upstream_and_keys_that_there_are(name: str) -> None:
    donor = load(name)
    assert donor.kind in KINDS
    assert donor.upstream in {one.name for one in upstreams({})}
    assert (KEYS / donor.keys).exists()
    assert set(donor.recipients) <= set(release.known())


@pytest.mark.parametrize("name", release.known())
def test_every_release_has_exactly_one_default_donor(name: str) -> None:
    assert [load(one) for one in known() if name in load(one).default] == [for_release(name)]


def test_a_release_without_a_donor_is_told_what_to_set() -> None:
    with pytest.raises(SettingError, match=r"default of ROCm 9\.9\. Next: .*graft_donor"):
        for_release("9.9")


def test_archs_package_lies_where_the_archive_and_the_labs_mirror_have_it() -> None:
    (row,) = [one for one in upstreams({}) if one.name == "arch-archive"]
    address = f"{row.address}/{load('arch-6.4.3-3').path}"
    assert address == (
        "https://archive.archlinux.org/packages/r/rocblas/rocblas-6.4.3-3-x86_64.pkg.tar.zst"
    )
    assert f"/{upstream('arch-rocblas')}/" in address


def test_a_persons_own_donor_is_read_from_its_path(tmp_path: Path) -> None:
    donor = load(own(tmp_path, 'notes = ["one", "two"]'))
    assert (donor.name, donor.kind, donor.notes) == ("mine", "folder", ("one", "two"))


@pytest.mark.parametrize(
    ("more", "without", "said"),
    [
        ('recipiants = ["6.4.3"]', "", "no 'recipiants' in a donor. Did you mean 'recipients'"),
        ("", "why", "a donor needs 'why'; arch-6.4.3-3.toml explains it"),
        ("version = 6", "version", "version = 6 is not a text"),
        ("recipients = '6.4.3'", "recipients", "'6.4.3' is not a list of texts"),
        ("kind = 'archh'", "kind", "'archh' is none of .* Did you mean 'arch'"),
        ("kind = 'tar'", "kind", "'/srv/library' is no http"),
        ("default = ['7.0.2']", "", "`default` names releases that `recipients` does not"),
        ("sha256 = 'abc'", "", "sha256 = 'abc' is not 64 hexadecimal digits"),
        ("why = ", "why", "is no TOML"),
    ],
)
def test_a_mistake_in_it_is_an_error_with_the_file_and_the_word(
    more: str, without: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match=f"mine.toml.*{said}"):
        load(own(tmp_path, more, without))


@pytest.mark.parametrize("name", ["arch-6.4.3", "nowhere/mine.toml"])
def test_a_donor_that_is_not_there_is_an_error_with_what_is(name: str) -> None:
    with pytest.raises(
        SettingError, match=r"Did you mean 'arch-6\.4\.3-3'|cannot be read: No such"
    ):
        load(name)


def test_a_persons_own_key_takes_the_place_of_those_that_come_along(tmp_path: Path) -> None:
    donor = load("arch-6.4.3-3")
    (tmp_path / "key").write_bytes(b"mine")
    assert trusted_keys(donor, str(tmp_path / "key")) == b"mine"
    assert trusted_keys(donor, "") == (KEYS / "archlinux.pgp").read_bytes()
    assert trusted_keys(load(own(tmp_path)), "") is None
    with pytest.raises(SettingError, match="correct graft_donor_key"):
        trusted_keys(donor, "nowhere")
