"""What a model's answers mean: served, not yet, or why not. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from roles.vllm.model import PREFIX
from roles.vllm.state import Unit, units

SYMPTOMS = Path(__file__).with_name("symptoms.toml")
# starting: it may still come; slow: it lives, and is busy or hangs; broken: it will stay like this
# until it is started anew; ended: it does not run
Condition = Literal["served", "starting", "slow", "broken", "ended"]
RESTARTS = 2  # of itself, without an answer: it fails over the same each time


@dataclass(frozen=True)
class Health:
    """How a model is. + why: of one that is not served"""

    name: str
    condition: Condition
    why: str = ""


@dataclass(frozen=True)
class Served:
    """A model, for a report. + why: it does not answer"""

    name: str
    address: str
    healthy: bool
    why: str = ""


def read(names: Iterable[str], said: Mapping[str, list[str]]) -> tuple[Health, ...]:
    """How the models are, from what they answered and how their units are."""
    answers = {}
    for line in said.get("answers", []):
        try:
            one = json.loads(line)
            answers[str(one["name"])] = one
        except (ValueError, TypeError, KeyError):
            continue  # a word of the box's Python, of no answer
    found = units(said.get("units", []))
    return tuple(
        judge(name, answers.get(name), found.get(f"{PREFIX}{name}.service")) for name in names
    )


def judge(name: str, answers: Mapping[str, Any] | None, unit: Unit | None) -> Health:
    """How one model is. + answers: None: it was not asked"""
    if unit is None:
        return Health(name, "ended", "there is no unit for it")
    if not unit.runs:
        return Health(name, "ended", f"its unit is {unit.active} ({unit.result})")
    if answers is None:
        return Health(name, "ended", "it could not be asked: is there a python3 on the box?")
    found = _answered(name, answers)
    if found.condition in ("starting", "slow") and unit.restarts >= RESTARTS:
        why = f"its unit has failed and begun again {unit.restarts} times ({unit.result})"
        return Health(name, "broken", why)
    return found  # one that answers may have failed long ago


def _answered(name: str, answers: Mapping[str, Any]) -> Health:
    """How one is whose unit runs."""
    status, text = answers["health"]
    if not status:
        return Health(name, "starting", f"no answer yet: {_short(text)}")
    if status != 200:
        return Health(name, "broken", f"its engine is dead: /health answers HTTP {status}")
    status, text = answers["models"]
    if not status:
        return Health(name, "slow", f"/v1/models does not answer: {_short(text)}")
    if status in (401, 403):
        return Health(name, "broken", "it does not take the key that is in the file now")
    if status != 200 or name not in _models(text):
        return Health(name, "broken", f"/v1/models does not have it: HTTP {status} {_short(text)}")
    status, text = answers["completion"]
    if not status:
        why = f"a completion does not come: {_short(text)}. It is busy, or it hangs"
        return Health(name, "slow", why)
    if status != 200:
        return Health(name, "broken", f"a completion ends in HTTP {status}: {_short(text)}")
    wrong = garbage(_completion(text))
    return Health(name, "broken", wrong) if wrong else Health(name, "served")


def garbage(text: str) -> str:
    """Why a completion is no text, or nothing. Kernels that compute nonsense repeat one sign, !."""
    signs = set("".join(text.split()))
    if not signs:
        return "a completion is empty"
    if len(signs) == 1 or not any(sign.isalnum() for sign in signs):
        return f"a completion is garbage: {_short(text)!r}"
    return ""


def _models(text: str) -> list[str]:
    try:
        return [str(one["id"]) for one in json.loads(text)["data"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []


def _completion(text: str) -> str:
    try:
        return str(json.loads(text)["choices"][0]["text"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return ""


def _short(text: str) -> str:
    """As much of it as a person reads."""
    return " ".join(text.split())[:160]


def cause(why: str, lines: Iterable[str]) -> str:
    """What is recognised in what was wrong, or in a unit's last lines, and what to do."""
    for said in (why, "\n".join(lines)):
        for pattern, means, then in _symptoms():
            if re.search(pattern, said):
                return f"{means}. Next: {then}"
    return ""


@cache
def _symptoms() -> list[tuple[str, str, str]]:
    rows = tomllib.loads(SYMPTOMS.read_text())["symptom"]
    return [(row["pattern"], row["means"], row["next"]) for row in rows]
