"""AMD's key: it is the expected one, or apt never sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from roles.upstream.openpgp import fingerprints
from roles.upstream.signing import KeyRefused, signing_key
from tests.lab.mirror import HtmlPage, Mirror, Missing
from tests.lab.mirror.routes import fixed

MAKE = "from pysequoia import Tsk; print(Tsk.generate('lab <lab@localhost>').extract_certificate())"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """Two armoured public keys."""
    make = [sys.executable, "-c", MAKE]
    one, two = (
        subprocess.run(make, capture_output=True, text=True, check=True).stdout for _ in range(2)
    )
    return one, two


def test_the_expected_key_is_taken_and_kept_for_a_run_without_a_network(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    (wanted,) = fingerprints(keys[0].encode())
    spaced = " ".join(wanted[i : i + 4] for i in range(0, len(wanted), 4)).lower()
    with Mirror() as mirror:
        mirror.serve("key", fixed(keys[0].encode(), "text/plain"))
        address = f"{mirror.url}/key"
        assert signing_key(address, spaced, tmp_path) == keys[0]
    assert signing_key(address, wanted, tmp_path) == keys[0]


def test_another_key_is_refused_with_both_fingerprints(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    (wanted,), (other,) = (fingerprints(key.encode()) for key in keys)
    with Mirror() as mirror:
        mirror.serve("key", fixed(keys[1].encode(), "text/plain"))
        with pytest.raises(KeyRefused, match=f"{other}, expected was {wanted}"):
            signing_key(f"{mirror.url}/key", wanted, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_second_key_slipped_in_behind_the_right_one_is_refused(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    (wanted,) = fingerprints(keys[0].encode())
    with Mirror() as mirror:
        mirror.serve("key", fixed("".join(keys).encode(), "text/plain"))
        with pytest.raises(KeyRefused):
            signing_key(f"{mirror.url}/key", wanted, tmp_path)


@pytest.mark.parametrize("wrong", [Missing(), HtmlPage()])
def test_a_page_in_place_of_a_key_is_refused_with_the_next_step(
    keys: tuple[str, str], tmp_path: Path, wrong: Missing | HtmlPage
) -> None:
    (wanted,) = fingerprints(keys[0].encode())
    with Mirror() as mirror:
        mirror.serve("key", fixed(keys[0].encode(), "text/plain"))
        mirror.misbehave("key", wrong)
        with pytest.raises(KeyRefused, match=r"cannot be fetched.*Next:|no armoured OpenPGP key"):
            signing_key(f"{mirror.url}/key", wanted, tmp_path)
