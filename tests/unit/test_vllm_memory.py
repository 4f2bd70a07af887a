"""What a model takes of memory, from configs as they are on the hub."""

from __future__ import annotations

from typing import Any

import pytest

from roles.vllm import memory
from tests.unit.vllm import LLAMA


def per_token(parallel: int = 1, dtype: str = "float16", **config: Any) -> int:
    shape = memory.shape({**LLAMA, **config})
    assert shape
    return memory.per_token(shape, dtype, parallel)


def test_a_token_takes_keys_and_values_of_every_layer() -> None:
    assert per_token() == 2 * 32 * 8 * 128 * 2


@pytest.mark.parametrize(
    ("config", "times"),
    [
        ({"num_key_value_heads": None}, 4),  # as many as heads
        ({"num_key_value_heads": 1}, 1 / 8),
        ({"head_dim": 256}, 2),  # not what hidden_size and the heads come to
        ({"multi_query": True}, 1 / 8),
        ({"num_hidden_layers": 64}, 2),
        ({"layer_types": ["linear_attention"] * 24 + ["full_attention"] * 8}, 1 / 4),
        ({"layer_types": ["sliding_attention"] * 24 + ["full_attention"] * 8}, 1),  # at the most
        ({"full_attention_interval": 4}, 1 / 4),
    ],
)
def test_heads_and_layers_are_those_that_keep_something(
    config: dict[str, Any], times: float
) -> None:
    assert per_token(**config) == per_token() * times


def test_float32_takes_twice_as_much() -> None:
    assert per_token(dtype="float32") == 2 * per_token()


def test_cards_share_the_heads_for_keys_until_each_has_one() -> None:
    assert per_token(parallel=4) == per_token() / 4
    assert per_token(parallel=16) == per_token() / 8


def test_what_is_kept_in_place_of_keys_and_values_is_on_every_card() -> None:
    deepseek: dict[str, Any] = {"kv_lora_rank": 512, "qk_rope_head_dim": 64}
    assert per_token(parallel=2, **deepseek) == 32 * (512 + 64) * 2


def test_a_model_that_sees_has_its_numbers_one_level_down() -> None:
    nested = {"model_type": "qwen3_vl", "text_config": LLAMA, "vision_config": {"num_heads": 3}}
    assert memory.shape(nested) == memory.shape(LLAMA)


def test_old_names_are_understood() -> None:
    gpt2 = {"n_layer": 12, "n_head": 12, "n_embd": 768, "n_positions": 1024}
    shape = memory.shape(gpt2)
    assert shape
    assert (shape.layers, shape.kv_heads, shape.head_dim, shape.context) == (12, 12, 64, 1024)


@pytest.mark.parametrize("config", [{}, {"num_hidden_layers": "32"}, {"num_attention_heads": True}])
def test_what_is_not_understood_is_none(config: dict[str, Any]) -> None:
    assert memory.shape(config) is None


@pytest.mark.parametrize(
    ("files", "bytes_"),
    [
        ({"a-1.safetensors": 5, "a-2.safetensors": 6, "pytorch_model.bin": 11}, 11),
        ({"model-1.safetensors": 5, "consolidated.safetensors": 5}, 5),
        ({"consolidated.safetensors": 5}, 5),
        ({"pytorch_model-1.bin": 5, "training_args.bin": 1, "optimizer.pt": 10}, 5),
        ({"q4.gguf": 4, "q8.gguf": 8}, 8),
        ({}, 0),
    ],
)
def test_weights_in_two_forms_count_once(files: dict[str, int], bytes_: int) -> None:
    assert memory.weights(files) == bytes_


def test_weights_are_loaded_in_the_type_that_is_served() -> None:
    single = memory.shape({**LLAMA, "torch_dtype": "float32"})
    assert memory.loaded(100, single, "float16") == 50
    assert memory.loaded(100, memory.shape(LLAMA), "float16") == 100
    packed = memory.shape({**LLAMA, "quantization_config": {"quant_method": "awq"}})
    assert memory.loaded(100, packed, "float32") == 100
