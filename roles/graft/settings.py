"""What a person may say about the graft."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the room graft."""

    graft_donor: str = setting(
        "",
        "Where the grafted files come from: the name of a file in patches/rocblas, or the path of "
        "a .toml of your own; empty means the release's default.",
    )
    graft_donor_key: str = setting(
        "",
        "Path of an OpenPGP key file, whose keys count for the donor in place of those that come "
        "with regraft.",
    )
    graft_donor_sha256: str = setting(
        "", "What the donor's package has to be; with it, no signature is asked for."
    )
    graft_layout: str = setting(
        "flat",
        "flat: the files go among AMD's own, as many have done. arch-dir: into a directory of the "
        "card's own beside them, with the donor's own catalogs; no one has confirmed that on a "
        "card.",
        choices=("flat", "arch-dir"),
    )
