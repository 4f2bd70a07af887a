"""What a model takes of a card's memory, from its config.json and the sizes of its files. Pure.

The KV cache is counted for one request of the whole context, which is the least that vLLM starts
with, and as if every layer that keeps keys saw all of it: layers with a sliding window keep less.
Not counted: what computing takes besides, captured graphs, adapters, a draft model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BYTES = {"float32": 4, "float": 4}  # of a number; of all other types that are served: 2
NESTED = ("text_config", "llm_config", "language_config")  # where models that see have the rest
WITHOUT_KEYS = ("linear_attention", "mamba", "conv", "recurrent")


@dataclass(frozen=True)
class Shape:
    """
    What matters of a model.

    + layers: those that keep keys and values
    + latent: numbers that a layer keeps of a token in place of keys and values; 0: it keeps those
    + context: tokens that it was made for; 0: it does not say
    + stored: the type of its weights + quantized: how they are quantised
    """

    heads: int
    kv_heads: int
    head_dim: int
    layers: int
    latent: int
    context: int
    stored: str
    quantized: str


def shape(config: Mapping[str, Any]) -> Shape | None:
    """What a config.json says of it; None: it says it in a way that is not known here."""
    inner = next((config[name] for name in NESTED if isinstance(config.get(name), dict)), config)
    both = {**config, **inner}
    layers = _number(both, "num_hidden_layers", "n_layer", "num_layers")
    heads = _number(both, "num_attention_heads", "n_head", "num_heads")
    hidden = _number(both, "hidden_size", "n_embd", "d_model")
    head_dim = _number(both, "head_dim") or (hidden // heads if heads else 0)
    if not (layers and heads and head_dim):
        return None
    latent = _number(both, "kv_lora_rank")
    return Shape(
        heads=heads,
        kv_heads=_kv_heads(both, heads),
        head_dim=head_dim,
        layers=_keeping(both, layers),
        latent=latent + _number(both, "qk_rope_head_dim") if latent else 0,
        context=_number(both, "max_position_embeddings", "n_positions", "seq_length"),
        stored=str(both.get("dtype") or both.get("torch_dtype") or ""),
        quantized=_quantized(both),
    )


def _number(config: Mapping[str, Any], *names: str) -> int:
    """The first of these that is a number."""
    found = (config.get(name) for name in names)
    return next((n for n in found if isinstance(n, int) and not isinstance(n, bool)), 0)


def _kv_heads(config: Mapping[str, Any], heads: int) -> int:
    if config.get("multi_query") is True and not config.get("new_decoder_architecture"):
        return 1
    return _number(config, "num_key_value_heads", "num_kv_heads", "n_head_kv") or heads


def _keeping(config: Mapping[str, Any], layers: int) -> int:
    """Of so many layers those that keep keys: hybrid models have them in every fourth or so."""
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and len(kinds) == layers:
        return sum(not str(kind).startswith(WITHOUT_KEYS) for kind in kinds)
    every = _number(config, "full_attention_interval")
    return layers // every if every else layers


def _quantized(config: Mapping[str, Any]) -> str:
    told = config.get("quantization_config") or config.get("compression_config")
    if not isinstance(told, dict):
        return ""
    words = (told.get(name) for name in ("quant_method", "format", "fmt", "quant_algo"))
    return " ".join(str(word) for word in words if word)


def weights(files: Mapping[str, int]) -> int:
    """Bytes that vLLM will load: of a model in several formats the one that it takes."""
    safe = {name: size for name, size in files.items() if name.endswith(".safetensors")}
    if safe:
        # Mistral's own form of the same weights lies beside the others'
        others = {n: size for n, size in safe.items() if not n.startswith("consolidated")}
        return sum((others or safe).values())
    packed = [
        size
        for name, size in files.items()
        if name.endswith((".bin", ".pt", ".pth")) and not name.startswith(("training", "optimizer"))
    ]
    # several .gguf are the same model in several sizes
    return sum(packed) or max((n for name, n in files.items() if name.endswith(".gguf")), default=0)


def loaded(stored: int, of: Shape | None, dtype: str) -> int:
    """Bytes of the weights once they are of the type that is served."""
    if of is None or of.quantized or not of.stored:
        return stored
    return stored * BYTES.get(dtype, 2) // BYTES.get(of.stored, 2)


def per_token(of: Shape, dtype: str, parallel: int) -> int:
    """Bytes of KV cache that a token takes on each of so many cards."""
    size = BYTES.get(dtype, 2)
    if of.latent:
        return of.layers * of.latent * size  # each card has all of it
    return of.layers * 2 * max(1, -(-of.kv_heads // parallel)) * of.head_dim * size
