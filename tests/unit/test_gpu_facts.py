"""The fact: one command, and no exception that would end the run on other boxes."""

from __future__ import annotations

import json
import subprocess

import pytest
from pyinfra.api import FactProcessError

from roles.gpu import gpus
from roles.gpu.facts import GpuLook


def test_the_command_is_a_script_that_a_plain_shell_accepts() -> None:
    subprocess.run(["sh", "-n", "-c", GpuLook().command()], check=True)


def test_output_of_a_box_without_cards_gives_no_cards() -> None:
    assert GpuLook().process(["", "@@look kfd", "", "@@look pci"]) == gpus.Gpus()


def test_no_output_gives_no_cards() -> None:
    assert GpuLook().default() == gpus.Gpus()


def test_pyinfra_can_print_the_fact() -> None:
    found = GpuLook().process(["@@look rocminfo", "ROCk module is loaded"])
    assert (
        json.loads(json.dumps(found, default=lambda each: each.to_json()))["rocminfo"][
            "driver_loaded"
        ]
        is True
    )


def test_only_the_error_that_pyinfra_contains_to_one_box_escapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> gpus.Gpus:
        raise KeyError("something new")

    monkeypatch.setattr(gpus, "read", broken)
    with pytest.raises(FactProcessError, match="something new"):
        GpuLook().process(["anything"])
