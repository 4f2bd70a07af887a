"""Versions that are known not to go together are told of, and those that are known to are not."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from roles.upstream.table import upstreams
from roles.vllm.combination import FIELDS, PATCHES, against, known
from roles.vllm.offer import names, offer

NLZY = {"line": "nlzy", "rocm": "6.3", "torch": "2.9.0", "vllm": "0.12.0", "triton": "3.5.0"}


def test_what_has_worked_for_others_meets_no_warning() -> None:
    assert against(NLZY) == ()


def test_what_has_failed_is_told_first_and_as_certain() -> None:
    bad = {**NLZY, "rocm": "6.4.4", "torch": "2.8.0", "vllm": "0.11.0", "triton": "3.4.0"}
    first = against(bad)[0]
    assert (first.known.verdict, first.certain) == ("fails", True)
    assert "every request" in first.told
    assert first.known.source


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"rocm": "6.4.3"}, "doubtful"),
        ({"rocm": "7.0.2"}, "doubtful"),
        ({"triton": "3.4.0"}, "doubtful"),
        ({"driver": "kernel", "cards": "several"}, "doubtful"),
        ({"sources": "amd and apt-gfx906"}, "fails"),
    ],
)
def test_each_that_is_known_is_recognised(changed: dict[str, str], verdict: str) -> None:
    assert verdict in [one.known.verdict for one in against({**NLZY, **changed}) if one.certain]


def test_what_is_not_known_of_an_image_makes_a_verdict_uncertain() -> None:
    told = against({"vllm": "0.11.0", "rocm": "6.4.4"})
    assert told
    assert not any(one.certain for one in told)


def test_of_an_image_of_which_nothing_is_known_nothing_is_said() -> None:
    assert against({"line": "", "rocm": ""}) == ()


def test_every_image_that_is_offered_is_one_that_nothing_speaks_against() -> None:
    for name in names():
        one = offer(name)
        assert against({field: getattr(one, field) for field in FIELDS[:5]}) == ()


def test_the_table_can_be_read_and_each_row_says_where_it_is_from() -> None:
    for one in known():
        assert one.patterns
        assert one.verdict in ("works", "partly", "fails", "doubtful")
        assert one.said
        assert one.source


def test_the_local_build_is_told_with_what_speaks_against_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "roles.vllm"], capture_output=True, text=True, check=True
    )
    assert "rocm-6.4.3: " in done.stdout
    assert done.stdout.count("WARNING") == 2
    assert "no pair" in done.stdout


def test_what_the_local_build_names_is_there() -> None:
    address = next(one.address for one in upstreams({}) if one.name == "pytorch")
    for path in PATCHES.glob("rocm-*.toml"):
        told = tomllib.loads(path.read_text())
        wanted = (PATCHES / told["requirements"]).read_text().splitlines()
        assert f"torch=={told['torch']}" in wanted
        assert f"triton=={told['triton']}" in wanted
        assert address not in "\n".join(wanted)
