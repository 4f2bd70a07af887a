"""What a person may say about the smoke tests."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting

TESTS = ("visible", "mnist", "ops", "gemm", "triton", "multi")


@dataclass(frozen=True)
class Settings:
    """Settings of the room smoke."""

    smoke_accuracy: int = setting(
        97, "The percentage of test images that mnist has to read, in smoke_epochs.", least=1
    )
    smoke_epochs: int = setting(1, "How often mnist may go through the training images.", least=1)
    smoke_celsius: int = setting(
        0, "Where a card is too hot for a test to go on; 0: what it calls critical itself.", least=0
    )
    smoke_require_hardware: bool = setting(
        False, "Whether a test that no card has computed is a failure, and not pending."
    )
    smoke_digits_sha256: dict[str, str] = setting(
        {}, "The sha256 of other digits than MNIST's, by file name (roles/smoke/digits.toml)."
    )
