"""What was measured, as a table: figures, no verdicts, for a shared machine is slow at times."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

RUNS = 5


def timed(action: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Seconds of each run."""
    found = []
    for _ in range(runs):
        started = time.monotonic()
        action()
        found.append(time.monotonic() - started)
    return found


class Rows:
    """Each row is the middle of its runs, with the least and the most beside it."""

    def __init__(self) -> None:
        self.machine = [f"{os.cpu_count()} processors"]
        self.notes: list[str] = []
        self.taken: list[tuple[str, list[float]]] = []
        self._table = Table(box=None, pad_edge=False)
        for column in ("what", "s", "least", "most", "runs"):
            self._table.add_column(column, justify="left" if column == "what" else "right")

    def add(self, what: str, seconds: Sequence[float]) -> None:
        figures = (statistics.median(seconds), min(seconds), max(seconds))
        self.taken.append((what, list(seconds)))
        self._table.add_row(what, *(f"{figure:.2f}" for figure in figures), str(len(seconds)))

    def show(self) -> None:
        console = Console(width=100)
        console.print(", ".join(self.machine))
        console.print(self._table)
        for note in self.notes:
            console.print(note)
