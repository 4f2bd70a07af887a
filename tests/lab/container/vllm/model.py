"""What is to be served, and whether this machine could: as the real one refuses to start."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .options import FP8

GARBAGE = "!" * 8  # what a wrong kernel makes of any prompt


class NotServed(Exception):  # noqa: N818 - reads as what it says
    """It cannot be served; says why."""


@dataclass(frozen=True)
class Model:
    """
    A model, as far as a stand-in needs it.

    + names: that clients may ask for it by + context: tokens that fit into it
    + slow, dies, garbage: what its lab.json wants: seconds that loading takes, last words, nonsense
    """

    path: str
    names: tuple[str, ...]
    architecture: str
    context: int
    slow: float = 0
    dies: str = ""
    garbage: bool = False


def load(options: argparse.Namespace) -> Model:
    """The model in the folder that the options name."""
    config = _json(Path(options.model) / "config.json")
    architectures = config.get("architectures") or ["(none)"]
    _fits(options, config)
    longest = int(config.get("max_position_embeddings") or 2048)
    context = options.max_model_len or longest
    if context > longest:
        raise NotServed(
            f"max_model_len {context} is more than the model's max_position_embeddings={longest}"
        )
    told = _json(lab) if (lab := Path(options.model) / "lab.json").exists() else {}
    names = tuple(options.served_model_name or [options.model])
    return Model(options.model, names, str(architectures[0]), context, **told)


def needs(options: argparse.Namespace) -> None:
    """See that the cards are there, and that they can be opened."""
    folder = Path(os.environ.get("REGRAFT_LAB_DEV", "/dev"))
    count = options.tensor_parallel_size * options.pipeline_parallel_size
    if not _opens(folder / "kfd"):
        raise NotServed(f"no HIP GPUs are available: {folder}/kfd cannot be opened")
    cards = [path for path in sorted(folder.glob("dri/renderD*")) if _opens(path)]
    if len(cards) < count:
        raise NotServed(
            f"{count} GPUs are wanted, and of {folder}/dri/renderD* {len(cards)} can be opened"
        )


def _fits(options: argparse.Namespace, config: dict[str, Any]) -> None:
    heads, size = config.get("num_attention_heads"), options.tensor_parallel_size
    if isinstance(heads, int) and heads % size:
        raise NotServed(f"{heads} attention heads cannot be divided by tensor parallel size {size}")
    if "bfloat16" in (options.dtype, options.kv_cache_dtype):
        raise NotServed("gfx906 has no bfloat16: --dtype float16")
    if options.kv_cache_dtype in FP8:
        raise NotServed("gfx906 has no fp8: --kv-cache-dtype auto")
    if not 0 < options.gpu_memory_utilization <= 1:
        raise NotServed(f"gpu_memory_utilization {options.gpu_memory_utilization} is not in (0, 1]")
    packed = (config.get("quantization_config") or {}).get("quant_method")
    if options.quantization and options.quantization != packed:
        raise NotServed(f"the model's quantization is {packed}, not {options.quantization}")


def _opens(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError) as problem:
        raise NotServed(f"{path} cannot be read: {problem}") from problem
    if not isinstance(told, dict):
        raise NotServed(f"{path} is no table")
    return told
