"""A model that is to be served, as the inventory says it: read strictly. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Any

from roles.settings import SettingError

PREFIX = "regraft-vllm-"  # of our units, and of the containers that they run
FIRST_PORT = 8000
DTYPES = ("float16", "half", "bfloat16", "float32", "float", "auto")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
KEYS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "model": (str,),
    "parallel": (int,),
    "cards": (list,),
    "context": (int,),
    "quantization": (str,),
    "port": (int,),
    "dtype": (str,),
    "memory": (float, int),
    "arguments": (list,),
    "environment": (dict,),
}
# What vLLM takes and is said elsewhere; a key among the arguments would be in every process list.
SAID = {
    "--api-key": "vllm_key_file",
    "--host": "vllm_listen",
    "--port": "port",
    "--model": "model",
    "--served-model-name": "name",
    "--dtype": "dtype",
    "--quantization": "quantization",
    "--max-model-len": "context",
    "--gpu-memory-utilization": "memory",
    "--tensor-parallel-size": "parallel",
    "--pipeline-parallel-size": "parallel, the only way of sharing that is known here",
    "-q": "quantization",
    "-tp": "parallel",
    "-pp": "parallel, the only way of sharing that is known here",
}


@dataclass(frozen=True)
class Model:
    """
    One model, and how it is served.

    + model: a folder or a .gguf file on the box; else what the hub calls it
    + parallel: the cards that share it + cards: which, by their position; (): the next free ones
    + context: tokens; 0: the model's own
    + memory: the part of each card's that vLLM may take
    + arguments, environment: of vLLM, besides
    """

    name: str
    model: str
    parallel: int
    cards: tuple[int, ...]
    context: int
    quantization: str
    port: int
    dtype: str
    memory: float
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def unit(self) -> str:
        return f"{PREFIX}{self.name}.service"

    @property
    def of_hub(self) -> bool:
        """Whether vLLM fetches it itself."""
        return not self.model.startswith("/")

    @property
    def is_file(self) -> bool:
        """Whether it is one file, and not a folder."""
        return self.model.endswith(".gguf")

    def argument(self, flag: str) -> str:
        """The value of one of the arguments, in either spelling; "": it is not among them."""
        for word, after in zip_longest(self.arguments, self.arguments[1:], fillvalue=""):
            name, given, value = word.partition("=")
            if name.replace("_", "-") == flag:
                return value if given else after
        return ""


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Model, ...]:
    """The models of an inventory; SettingError at the first that cannot be meant."""
    found = tuple(_model(row, number) for number, row in enumerate(rows))
    for what in ("name", "port"):
        values = [getattr(one, what) for one in found]
        twice = [value for value in values if values.count(value) > 1]
        if twice:
            raise SettingError(
                f"vllm_models has two models with {what} = {twice[0]!r}. Next: another {what} "
                "for one of them; without a port it gets 8000, and one more for each before it"
            )
    return found


def _model(row: Mapping[str, Any], number: int) -> Model:
    where = f"vllm_models[{number}]"
    for key, value in row.items():
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1, cutoff=0.0)
            raise SettingError(f"{where} has no key {key!r}. Did you mean {near[0]!r}?")
        kinds = KEYS[key]
        # bool is an int to Python, but never to a person
        if not isinstance(value, kinds) or isinstance(value, bool):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise SettingError(
                f"{where}: {key} = {value!r} is of type {type(value).__name__}, not {names}"
            )
    for key in ("name", "model"):
        if key not in row:
            raise SettingError(f"{where} has no {key}. Next: {key} = '…' in the inventory")
    model = Model(
        name=row["name"],
        model=_path(where, row["model"]),
        parallel=row.get("parallel", 1),
        cards=tuple(row.get("cards", ())),
        context=row.get("context", 0),
        quantization=row.get("quantization", ""),
        port=row.get("port", FIRST_PORT + number),
        dtype=row.get("dtype", DTYPES[0]),
        memory=float(row.get("memory", 0.9)),
        arguments=tuple(row.get("arguments", ())),
        environment=dict(row.get("environment", {})),
    )
    _check(where, model)
    _check_words(where, model)
    return model


def _path(where: str, model: str) -> str:
    """As it is written, but for slashes at its end."""
    if not model.startswith("/"):
        if not HUB.fullmatch(model):
            raise SettingError(
                f"{where}: model = {model!r} is no path from the root and no name on the hub. "
                "Next: write it like '/srv/models/name' or 'owner/name'"
            )
        return model
    path = PurePosixPath(model)
    # a comma and a quote end a word of the engine's --mount
    plain = model.isprintable() and not set(model) & set(',"')
    if len(path.parts) < 2 or ".." in path.parts or not plain:
        raise SettingError(
            f"{where}: model = {model!r} is no plain path from the root to a place below it. "
            "Next: write it like '/srv/models/name', without commas and quotes"
        )
    return str(path)


def _check(where: str, model: Model) -> None:
    """Values that are of the right type, and mean nothing."""
    wrong = ""
    if not NAME.fullmatch(model.name):
        wrong = f"name = {model.name!r} is not made of a-z, 0-9 and -, 40 at the most"
    elif model.parallel < 1:
        wrong = f"parallel = {model.parallel} is less than 1"
    elif not all(isinstance(one, int) and one >= 0 for one in model.cards):
        wrong = f"cards = {list(model.cards)} are not positions, which begin with 0"
    elif model.cards and len(set(model.cards)) != model.parallel:
        wrong = f"cards = {list(model.cards)} are not {model.parallel}, as parallel says"
    elif model.context < 0:
        wrong = f"context = {model.context} is less than 0"
    elif not 0 < model.port < 65536:
        wrong = f"port = {model.port} is no port"
    elif not 0 < model.memory <= 1:
        wrong = f"memory = {model.memory} is no part of a whole, like 0.9"
    elif model.dtype not in DTYPES:
        wrong = f"dtype = {model.dtype!r} is none of {', '.join(DTYPES)}"
    if wrong:
        raise SettingError(f"{where}: {wrong}. Next: correct it in the inventory")


def _check_words(where: str, model: Model) -> None:
    """What becomes words of a command line."""
    words = (*model.arguments, *model.environment, *model.environment.values(), model.quantization)
    for word in words:
        if not isinstance(word, str) or not word.isprintable():
            raise SettingError(f"{where}: {word!r} is no word of printable characters")
    for word in model.arguments:
        flag = word.partition("=")[0].replace("_", "-")
        for taken, said in SAID.items():
            # vLLM takes the beginning of a flag for the flag
            if flag == taken or (len(flag) > 3 and taken.startswith(flag)):
                raise SettingError(f"{where}: {flag} is not for arguments. Next: use {said}")
    for name in model.environment:
        if not VARIABLE.fullmatch(name):
            raise SettingError(f"{where}: {name!r} is no name of an environment variable")
        if SECRET.search(name):
            raise SettingError(
                f"{where}: {name} would be in a file that anybody on the box can read. "
                "Next: take it out; a model that wants it is put into a folder by yourself"
            )
