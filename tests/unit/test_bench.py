"""The bench's command line."""

from __future__ import annotations

import pytest

from tests.bench.__main__ import PARTS, parts


def test_make_bench_which_names_no_part_measures_all_and_a_mistyped_one_is_told() -> None:
    assert parts([]) == list(PARTS)
    assert parts(["noop", "first"]) == ["noop", "first"]
    with pytest.raises(SystemExit):
        parts(["nop"])
