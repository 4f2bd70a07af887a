"""What a person may say about the report."""

from __future__ import annotations

from dataclasses import dataclass

from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the room report."""

    report_shown: bool = setting(
        True, "Print each box's report at the end of a run; it is written to reports/ in any case."
    )
    report_folder: str = setting(
        "reports", "Where the controller keeps the last report of each box."
    )
