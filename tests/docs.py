"""Write what the documentation holds of the code and of the lab: python -m tests.docs

The table of settings from the code, pictures from the reports that `make lab` left, and the curve
of what a network lost while it learnt to read digits, from the last run that docs/verified/ keeps.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from roles import settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
ABOVE_THE_TABLE = """# Settings

Host data, in an inventory or its group data: [inventories/example.py](../inventories/example.py)
shows where. `make docs` writes this page from the code.

"""
LEARNT = "2026-11-20-h200.json"
PICTURES = {"preflight.svg": "reports/lab.json"}


def main() -> None:
    """Write all of it."""
    (DOCS / "settings.md").write_text(ABOVE_THE_TABLE + settings.table() + "\n")
    for picture, report in PICTURES.items():
        draw = [sys.executable, "-m", "roles.report", report, "--svg", str(DOCS / picture)]
        subprocess.run(draw, cwd=DOCS.parent, check=True)
    (DOCS / "mnist-loss.svg").write_bytes(curve(DOCS / "verified" / LEARNT))


def curve(kept: Path) -> bytes:
    """The loss of mnist by step, drawn from what the programs have said."""
    told = json.loads(kept.read_text())
    mnist = next(test for test in told["tests"] if test["test"] == "mnist")
    figures = mnist["parts"][0]["figures"]
    chart = pygal.XY(
        style=Style(background="white", plot_background="white", colors=("#0b6e4f",)),
        title=f"mnist on {told['torch']['devices'][0]['name']}: loss by step, "
        f"{figures['accuracy']:.1%} of the test digits read after {figures['steps']}",
        x_title="step",
        y_title="loss",
        show_legend=False,
        show_dots=False,
        no_prefix=True,  # else each drawing differs
        js=(),  # no scripts from somewhere else: a picture has to be whole without a network
        width=800,
        height=400,
    )
    every = figures["steps"] / len(figures["losses"])
    chart.add("loss", [(step * every, loss) for step, loss in enumerate(figures["losses"])])
    return bytes(chart.render())


if __name__ == "__main__":
    main()
