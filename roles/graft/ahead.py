"""A donor, fetched before there is what it is to fit: a program, `python -m roles.graft.ahead`."""

from __future__ import annotations

import sys
from typing import Any

from roles.graft.build import donated
from roles.graft.obtain import PROBLEMS, Say
from roles.graft.order import Order
from roles.settings import SettingError
from roles.work import worker


def _asked(told: dict[str, Any], say: Say) -> str:
    return donated(Order(**told), say).version


if __name__ == "__main__":
    sys.exit(worker(_asked, (*PROBLEMS, SettingError)))
