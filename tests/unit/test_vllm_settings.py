"""A model in the inventory is read strictly, before anything is done."""

from __future__ import annotations

from typing import Any

import pytest

from roles import settings
from roles.settings import SettingError
from roles.vllm.deploy import _registry
from roles.vllm.offer import names, offer
from roles.vllm.settings import Settings

CHAT = {"name": "chat", "model": "/srv/models/chat"}


def read(*rows: dict[str, Any], **others: Any) -> Settings:
    return settings.read(Settings, {"vllm_models": list(rows), **others})


def test_a_name_and_a_path_are_enough() -> None:
    first, second = read(CHAT, {"name": "code", "model": "owner/name"}).models
    assert (first.port, second.port) == (8000, 8001)
    assert (first.dtype, first.parallel, first.memory, first.context) == ("float16", 1, 0.9, 0)
    assert (first.of_hub, second.of_hub) == (False, True)
    assert first.unit == "regraft-vllm-chat.service"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"modell": "/x"}, "no key 'modell'. Did you mean 'model'"),
        ({"parallel": "2"}, "parallel = '2' is of type str, not int"),
        ({"parallel": True}, "parallel = True is of type bool"),
        ({"memory": "0.9"}, "not float or int"),
        ({"name": "Chat"}, "a-z, 0-9 and -"),
        ({"name": "a" * 41}, "40 at the most"),
        ({"name": "-a"}, "a-z, 0-9 and -"),
        ({"model": "~/models/x"}, "no path from the root"),
        ({"model": "/srv/../etc"}, "no plain path"),
        ({"model": "/srv/a,readonly"}, "no plain path"),
        ({"model": "/"}, "no plain path"),
        ({"parallel": 0}, "less than 1"),
        ({"parallel": 2, "cards": [0]}, "are not 2"),
        ({"parallel": 2, "cards": [0, 0]}, "are not 2"),
        ({"cards": ["0"]}, "not positions"),
        ({"context": -1}, "less than 0"),
        ({"port": 70000}, "no port"),
        ({"memory": 90}, "no part of a whole"),
        ({"dtype": "fp16"}, "none of float16"),
        ({"arguments": ["a\nb"]}, "printable"),
        ({"arguments": [1]}, "printable"),
        ({"environment": {"A B": "1"}}, "no name of an environment variable"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(row: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingError, match="vllm_models") as raised:
        read({**CHAT, **row})
    assert why in str(raised.value)


@pytest.mark.parametrize(
    "words",
    [
        ["--api-key", "s3cret"],
        ["--api-key=s3cret"],
        ["--api_key=s3cret"],
        ["--api-k", "s3cret"],  # vLLM takes it for the whole
        ["--host=0.0.0.0"],
        ["--max-model-len", "1"],
        ["-tp", "2"],
    ],
)
def test_what_has_a_key_of_its_own_is_not_for_arguments(words: list[str]) -> None:
    """A key there would be in every process list, and anything else would be said twice."""
    with pytest.raises(SettingError, match="is not for arguments") as raised:
        read({**CHAT, "arguments": words})
    assert "s3cret" not in str(raised.value)


def test_a_secret_is_not_for_the_environment_and_what_only_sounds_like_one_is() -> None:
    with pytest.raises(SettingError, match="anybody on the box can read") as raised:
        read({**CHAT, "environment": {"HF_TOKEN": "s3cret"}})
    assert "s3cret" not in str(raised.value)
    read({**CHAT, "environment": {"TOKENIZERS_PARALLELISM": "false", "NCCL_P2P_DISABLE": "1"}})


def test_names_and_ports_are_each_models_own() -> None:
    with pytest.raises(SettingError, match="two models with name = 'chat'"):
        read(CHAT, CHAT)
    with pytest.raises(SettingError, match="two models with port = 8000"):
        read(CHAT, {**CHAT, "name": "code", "port": 8000})


@pytest.mark.parametrize("missing", ["name", "model"])
def test_a_model_without_a_name_or_a_place_is_refused(missing: str) -> None:
    with pytest.raises(SettingError, match=f"has no {missing}"):
        read({key: value for key, value in CHAT.items() if key != missing})


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("vllm_listen", "localhost", "no address"),
        ("vllm_key_file", "regraft.key", "no plain path"),
        ("vllm_key_file", "/etc/a key", "no plain path"),
        ("vllm_key_file", "/etc/x:y", "no plain path"),
        ("vllm_registries", ["registry.example"], "no http"),
        ("vllm_image_digest", "sha256:abc", "64 of 0-9 a-f"),
        ("vllm_image", "nlzi", "Did you mean 'nlzy'"),
        ("vllm_start_minutes", 0, "less than 1"),
        ("vllm_accept", {"port": "mine"}, "is none of"),
    ],
)
def test_other_settings_are_checked_as_well(name: str, value: Any, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        read(CHAT, **{name: value})


def test_by_default_a_model_is_for_the_box_alone() -> None:
    assert read(CHAT).vllm_listen == "127.0.0.1"


def test_every_image_that_is_offered_can_be_taken() -> None:
    assert names()[0] == Settings().vllm_image
    for name in names():
        one = offer(name)
        assert ":" in one.reference
        assert not one.reference.endswith(":latest")
        assert one.command


def test_an_image_of_ones_own_is_known_by_its_tag_as_far_as_that_goes() -> None:
    told = offer("ghcr.io/me/vllm:0.11.0-rocm-6.4.4-x")
    assert (told.vllm, told.rocm, told.torch, told.line) == ("0.11.0", "6.4.4", "", "")
    assert offer("me/vllm:mine").vllm == ""


def test_arguments_are_found_in_either_spelling() -> None:
    (one,) = read({**CHAT, "arguments": ["--kv-cache-dtype", "fp8"]}).models
    assert one.argument("--kv-cache-dtype") == "fp8"
    (one,) = read({**CHAT, "arguments": ["--kv_cache_dtype=fp8_e5m2", "--x"]}).models
    assert one.argument("--kv-cache-dtype") == "fp8_e5m2"
    assert one.argument("--swap-space") == ""


def test_an_image_of_another_registry_is_asked_for_there() -> None:
    addresses = {"container-registry": "http://mirror.example"}
    assert _registry("nalanzeyu/vllm-gfx906:v1", addresses) == "http://mirror.example"
    assert _registry("ghcr.io/owner/vllm:v1", addresses) == "https://ghcr.io"


def test_an_account_in_a_registrys_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingError, match="as of an account") as refused:
        settings.read(Settings, {"vllm_registries": ["https://me:secret@mirror.example"]})
    assert "secret" not in str(refused.value)
