"""What cannot work is found before anything is done, each with its reason and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from roles.finding import Finding, accept
from roles.vllm import gates
from roles.vllm.offer import Offer, offer
from tests.unit.vllm import ANSWERS, CARDS, asked, found, seen

TWO = {"parallel": 2}
HOST = ANSWERS["host"]


def stops(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings if one.level == "stop"]


def judged(row: dict[str, Any] | None = None, **changed: str) -> list[Finding]:
    """Chat on a box with two cards of 16 GB, but for what is changed."""
    return gates.judge(asked(row or {}), seen(**{"models": found(), **changed}))


def only(findings: list[Finding], code: str) -> str:
    """What the one stop says, which has to be of this kind, and to say what to do."""
    (one,) = (one for one in findings if one.level == "stop")
    assert (one.code, bool(one.fix), bool(one.evidence)) == (code, True, True)
    return gates.said(one)


def test_a_model_that_can_work_meets_no_gate() -> None:
    assert judged() == []
    assert stops(judged(TWO)) == []


@pytest.mark.parametrize(
    ("row", "config", "why"),
    [
        ({"dtype": "bfloat16"}, {}, "dtype says bfloat16"),
        ({"dtype": "auto"}, {}, "dtype auto, and config.json says bfloat16"),
        ({"quantization": "fp8"}, {}, "quantization says fp8"),
        ({"arguments": ["--kv-cache-dtype", "fp8"]}, {}, "--kv-cache-dtype says fp8"),
        ({"arguments": ["--kv-cache-dtype=fp8_e5m2"]}, {}, "--kv-cache-dtype says fp8_e5m2"),
        ({}, {"quantization_config": {"quant_method": "fp8"}}, "config.json says fp8"),
        ({}, {"quantization_config": {"quant_method": "mxfp4"}}, "config.json says mxfp4"),
        (
            {},
            {
                "quantization_config": {
                    "quant_method": "compressed-tensors",
                    "format": "float-quantized",
                }
            },
            "config.json says compressed-tensors float-quantized",
        ),
    ],
)
def test_types_that_the_card_lacks_are_refused(
    row: dict[str, Any], config: dict[str, Any], why: str
) -> None:
    said = only(judged(row, models=found(**config)), "types")
    assert why in said
    assert "gfx906 has no" in said


@pytest.mark.parametrize("method", ["gptq", "awq", "compressed-tensors"])
def test_types_that_it_can_compute_are_not(method: str) -> None:
    """config.json says bfloat16 for nearly every model: it is served as float16."""
    quantised: dict[str, Any] = {
        "quantization_config": {"quant_method": method, "format": "pack-quantized"}
    }
    assert judged(models=found(**quantised)) == []


def test_an_image_that_computes_fp8_in_another_type_is_not_refused_it() -> None:
    row = {"quantization": "fp8"}
    other = gates.judge(asked(row, image=offer("ai-infos")), seen(models=found()))
    assert stops(other) == []
    assert stops(judged({**row, "dtype": "bfloat16"})) == ["types", "types"]


def test_another_arch_is_not_judged_by_this_ones_types() -> None:
    told = asked({"dtype": "bfloat16"})
    other = gates.Asked("gfx90a", told.cards, told.models, told.offer, told.listen)
    assert gates.judge(other, seen(models=found())) == []


def test_weights_that_are_larger_than_the_cards_are_refused_with_figures() -> None:
    said = only(judged(models=found(gib=20)), "memory")
    assert "weights take 21.5 GB, and it may take 15.4 GB of a card's 17.2 GB" in said
    assert stops(judged(TWO, models=found(gib=20))) == []


def test_a_context_that_does_not_fit_beside_the_weights_is_refused_with_one_that_does() -> None:
    row = {"context": 32768}
    # 32 layers of 8 heads of 128 numbers of two bytes, twice: 128 KiB a token, 4 GiB
    said = only(judged(row, models=found(gib=12)), "memory")
    assert "4.3 GB for the KV cache of 32768 tokens" in said
    could = int(said.split("context = ")[1].split()[0])
    assert stops(judged({"context": could}, models=found(gib=12))) == []
    assert stops(judged({"context": could + 512}, models=found(gib=12))) == ["memory"]


def test_without_a_context_it_is_the_models_own() -> None:
    assert stops(judged(models=found(gib=12, max_position_embeddings=131072))) == ["memory"]
    assert judged(models=found(gib=12)) == []


def test_what_a_config_does_not_tell_is_a_note_and_no_guess() -> None:
    (one,) = judged(models=found(num_hidden_layers=None))
    assert (one.level, one.code) == ("note", "memory")


def test_a_smaller_part_of_the_card_is_reckoned_with() -> None:
    assert judged({"memory": 0.9}, models=found(gib=10)) == []
    assert stops(judged({"memory": 0.5}, models=found(gib=10))) == ["memory"]


def test_heads_that_do_not_part_are_refused_with_numbers_that_do() -> None:
    said = only(judged(TWO, models=found(num_attention_heads=25, head_dim=128)), "heads")
    assert "25 heads" in said
    said = only(judged(TWO, models=found(num_attention_heads=30, num_key_value_heads=5)), "heads")
    assert "5 heads for keys" in said
    assert "parallel: 1, 5, 10, 15" in said


def test_heads_for_keys_that_are_fewer_than_the_cards_are_shared() -> None:
    assert stops(judged(TWO, models=found(num_key_value_heads=1))) == []


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("root=/dev/sda1 quiet", True),
        ("root=/dev/sda1 iommu=pt", False),
        ("root=/dev/sda1 iommu.passthrough=1", False),
    ],
)
def test_several_cards_want_iommu_pt(line: str, refused: bool) -> None:
    host = "\n".join(f"line {line}" if "line " in one else one for one in HOST.split("\n"))
    assert ("iommu" in stops(judged(TWO, host=host))) == refused
    assert judged(host=host) == []


def test_a_stop_can_be_accepted_with_a_reason() -> None:
    host = HOST.replace("iommu=pt", "")
    findings = accept(judged(TWO, host=host), {"iommu": "there is no IOMMU in this board"})
    assert [(one.level, one.code) for one in findings] == [("warning", "iommu")]


@pytest.mark.parametrize(
    ("listening", "taken"),
    [
        ("127.0.0.1:8000", True),
        ("0.0.0.0:8000", True),
        ("[::]:8000", True),
        ("*:8000", True),
        ("192.0.2.1:8000", False),
        ("127.0.0.1:8001", False),
    ],
)
def test_a_port_that_somebody_listens_on_is_refused(listening: str, taken: bool) -> None:
    line = f'LISTEN 0 4096 {listening} 0.0.0.0:* users:(("python3",pid=812,fd=6))'
    findings = judged(listening=line)
    assert stops(findings) == (["port"] if taken else [])
    if taken:
        assert "python3" in only(findings, "port")


def test_a_port_that_a_unit_of_ours_has_is_free_for_another() -> None:
    """Ports may be exchanged: all of ours that change are stopped first."""
    line = 'LISTEN 0 4096 127.0.0.1:8000 0.0.0.0:* users:(("docker-proxy",pid=9,fd=4))'
    unit = "unit regraft-vllm-old.service\nsum x\nours yes\nport 8000\n"
    runs = "Id=regraft-vllm-old.service\nActiveState=active"
    assert judged(listening=line, units=unit + runs) == []
    ended = runs.replace("=active", "=failed")
    assert stops(judged(listening=line, units=unit + ended)) == ["port"]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("model chat", "/srv/models/chat is not there"),
        ("model chat\nthere folder\nconfig {}", "has no .safetensors"),
        ("model chat\nthere folder\nweights 5 model.safetensors", "config.json is not there"),
        ("model chat\nthere folder\nweights 5 a.bin\nconfig {", "config.json cannot be read"),
        ("model chat\nthere file\nweights 5 a.gguf", "is a file"),
        (found() + "\noutside model.safetensors", "leads out of the folder"),
        (found() + "\nclosed model.safetensors", "for its owner alone"),
    ],
)
def test_a_path_without_a_whole_model_is_refused(what: str, why: str) -> None:
    assert why in only(judged(models=what), "model")


def test_a_gguf_and_mistrals_own_form_are_models_without_a_config() -> None:
    row = {"model": "/srv/models/chat.gguf"}
    (note,) = judged(row, models="model chat\nthere file\nweights 5000 /srv/models/chat.gguf")
    assert (note.code, note.level) == ("memory", "note")
    mistral = "model chat\nthere folder\nparams yes\nweights 5000 consolidated.safetensors"
    assert stops(judged(models=mistral)) == []


def test_what_the_hub_has_is_not_looked_for_on_the_box() -> None:
    assert judged({"model": "owner/name"}, models="model chat") == []


def test_cards_are_given_out_in_order_and_those_that_are_named_are_kept() -> None:
    told = asked(
        {"name": "a"}, {"name": "b", "cards": [0], "memory": 0.4}, {"name": "c", "parallel": 2}
    )
    assert gates.assigned(told.models, 4) == {"a": (1,), "b": (0,), "c": (2, 3)}
    assert gates.assigned(told.models, 3) == {"a": (1,), "b": (0,), "c": (2,)}


def test_too_few_cards_are_refused() -> None:
    said = only(gates.judge(asked(TWO, cards=CARDS[:1]), seen(models=found())), "cards")
    assert "not 2 gfx906 cards left" in said
    assert CARDS[0] in said


def test_a_card_that_is_not_there_is_refused() -> None:
    assert stops(judged({"cards": [2]})) == ["cards"]


def test_models_share_a_card_only_if_there_is_room_for_both() -> None:
    def shared(memory: float) -> list[str]:
        rows = [{"name": name, "cards": [0], "memory": memory} for name in ("a", "b")]
        there = f"{found('a')}\n{found('b')}"
        return stops(gates.judge(asked(*rows), seen(models=there)))

    assert shared(0.5) == []
    assert shared(0.6) == ["cards"]


def test_cards_without_a_driver_are_refused() -> None:
    no_kfd = HOST.replace("kfd 109\n", "")
    assert "/dev/kfd is not there" in only(judged(host=no_kfd), "cards")
    no_node = "\n".join(line for line in HOST.split("\n") if "renderD128" not in line)
    assert f"renderD* of {CARDS[0]}" in only(judged(host=no_node), "cards")


def test_a_unit_that_somebody_else_has_written_is_not_overwritten() -> None:
    unit = "unit regraft-vllm-chat.service\nsum x\nport 8000\n"
    assert "no run has written" in only(judged(units=unit), "unit")


def test_an_image_that_is_known_to_fail_is_refused_and_one_that_may_be_it_is_warned_of() -> None:
    bad = Offer("x", line="nlzy", rocm="6.4.4", torch="2.8.0", vllm="0.11.0", triton="3.4.0")
    assert "every request ends" in only(
        gates.judge(asked(image=bad), seen(models=found())), "combination"
    )
    unsure = gates.judge(asked(image=offer("me/vllm:v0.11.0-rocm6.4")), seen(models=found()))
    assert {one.level for one in unsure} == {"warning"}
    assert any("every request ends" in one.said for one in unsure)


def test_repositories_that_do_not_go_together_are_refused() -> None:
    both = HOST + "\nsource apt-gfx906"
    assert "each other's libraries" in only(judged(host=both), "combination")


def test_several_cards_with_the_kernels_own_driver_are_warned_of() -> None:
    own = HOST.replace("driver dkms", "driver kernel")
    assert [one.level for one in judged(TWO, host=own)] == ["warning"]
    assert judged(host=own) == []


def test_listening_to_others_is_warned_of() -> None:
    findings = gates.judge(asked(listen="0.0.0.0"), seen(models=found()))
    assert [(one.level, one.code) for one in findings] == [("warning", "listen")]
    assert "/v1 alone" in findings[0].evidence


def test_what_is_said_of_a_model_begins_with_its_name() -> None:
    there = f"{found('a')}\nmodel b"
    findings = gates.judge(asked({"name": "a"}, {"name": "b"}), seen(models=there))
    assert [one.said.partition(":")[0] for one in findings] == ["b"]
