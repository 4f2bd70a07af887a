"""A donor, fetched before there is what it is to fit: a program, `python -m roles.graft.ahead`."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from roles.graft.build import Order, donated
from roles.graft.obtain import PROBLEMS, Say
from roles.settings import SettingError
from roles.work import Task, worker


def fetching(order: Order) -> Task:
    """Have the donor here; the same for all that it is given to."""
    return Task("roles.graft.ahead", dataclasses.asdict(dataclasses.replace(order, layout="flat")))


def _asked(told: dict[str, Any], say: Say) -> str:
    return donated(Order(**told), say).version


if __name__ == "__main__":
    sys.exit(worker(_asked, (*PROBLEMS, SettingError)))
