"""What cannot work, found before anything is done. Pure."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from roles.finding import Finding
from roles.vllm import combination, memory
from roles.vllm.memory import Shape
from roles.vllm.model import Model
from roles.vllm.offer import Offer
from roles.vllm.state import Found, State

TYPES = Path(__file__).with_name("types.toml")
VERSIONS = ("line", "rocm", "torch", "vllm", "triton")
GRUB = "add iommu=pt to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub; sudo update-grub; reboot"


@dataclass(frozen=True)
class Asked:
    """
    What is to be served, and where.

    + arch: of the cards that count + cards: their PCI addresses, in order + listen: the address
    """

    arch: str
    cards: tuple[str, ...]
    models: tuple[Model, ...]
    offer: Offer
    listen: str


def assigned(models: Iterable[Model], count: int) -> dict[str, tuple[int, ...]]:
    """
    The positions of the cards that each model gets, by its name; fewer: there are no more.

    Whoever names his has them; the others get the next that nobody has, in the models' order.
    """
    wanted = list(models)
    taken = {position for one in wanted for position in one.cards}
    free = iter([position for position in range(count) if position not in taken])
    found = {}
    for one in wanted:
        found[one.name] = one.cards or tuple(islice(free, one.parallel))
    return found


def judge(asked: Asked, state: State) -> list[Finding]:
    """All that stands against serving these models on this box."""
    cards = assigned(asked.models, len(asked.cards))
    findings = [*_box(asked, state), *_shared(asked, cards)]
    for model in asked.models:
        found = state.found.get(model.name)
        told = found.told if found else None
        shape = memory.shape(told) if told else None
        own = [asked.cards[one] for one in cards[model.name] if one < len(asked.cards)]
        of_model = [
            *_cards(model, own, asked, state),
            *_port(model, asked, state),
            *_foreign(model, state),
            *_types(model, told, shape, asked),
            *_there(model, found),
            *_heads(model, shape),
            *_fits(model, found, shape, own, state),
        ]
        findings += [replace(one, said=f"{model.name}: {one.said}") for one in of_model]
    return findings


def _box(asked: Asked, state: State) -> Iterable[Finding]:
    several = [one.name for one in asked.models if one.parallel > 1]
    passed = {"iommu=pt", "iommu.passthrough=1"} & set(state.kernel_line)
    if several and not passed:
        active = "one is active" if state.iommu else "none is active now"
        yield Finding(
            "iommu",
            "stop",
            f"{', '.join(several)}: several cards without iommu=pt, with which they may hang",
            f"/proc/cmdline lacks it; of the IOMMUs {active}",
            GRUB,
        )
    if not ipaddress.ip_address(asked.listen).is_loopback:
        yield Finding(
            "listen",
            "warning",
            f"the models can be reached from elsewhere, at {asked.listen}",
            "vLLM asks for the key below /v1 alone, not for /metrics, /tokenize, /invocations …",
            "a firewall, or a reverse proxy that passes on /v1 and nothing else",
        )
    seen = {
        **{name: getattr(asked.offer, name) for name in VERSIONS},
        "driver": state.driver,
        "cards": "several" if several else "one",
        "sources": " and ".join(sorted(state.sources)),
    }
    for one in combination.against(seen):
        stops = one.certain and one.known.verdict == "fails"
        yield Finding(
            "combination",
            "stop" if stops else "warning",
            one.told if one.certain else f"if it is one of these: {one.told}",
            one.known.source,
            "another vllm_image; the combinations that work are in patches/vllm/known.toml",
        )


def _shared(asked: Asked, cards: Mapping[str, tuple[int, ...]]) -> Iterable[Finding]:
    """Models may share a card that both name, if there is room for both."""
    on: dict[int, list[Model]] = defaultdict(list)
    for model in asked.models:
        for position in cards[model.name]:
            on[position].append(model)
    for position, models in sorted(on.items()):
        parts = sum(one.memory for one in models)
        if len(models) > 1 and parts > 1:
            names = " and ".join(one.name for one in models)
            yield Finding(
                "cards",
                "stop",
                f"{names} are to share card {position}, and want more than there is of it",
                f"their memory adds up to {parts:g}",
                "a smaller memory for each, or other cards",
            )


def _cards(model: Model, own: list[str], asked: Asked, state: State) -> Iterable[Finding]:
    if len(own) < model.parallel:
        yield Finding(
            "cards",
            "stop",
            f"there are not {model.parallel} {asked.arch} cards left for it",
            f"this box has {len(asked.cards)}: {', '.join(asked.cards) or 'none'}",
            "a smaller parallel, or fewer models",
        )
    lacking = [pci for pci in own if pci not in state.render]
    if state.kfd is None or lacking:
        what = "/dev/kfd" if state.kfd is None else f"no /dev/dri/renderD* of {', '.join(lacking)}"
        yield Finding(
            "cards",
            "stop",
            "the cards are not driven",
            f"{what} is not there" if state.kfd is None else what,
            "pyinfra INVENTORY deploy/rocm.py",
        )


def _port(model: Model, asked: Asked, state: State) -> Iterable[Finding]:
    if any(one.ours and one.runs and one.port == model.port for one in state.units.values()):
        return  # that is changed, kept or taken away before this one starts
    for address, port, process in state.listening:
        everywhere = {"0.0.0.0", "::", "*"} & {address, asked.listen}
        if port == model.port and (everywhere or address == asked.listen):
            yield Finding(
                "port",
                "stop",
                f"port {port} is taken",
                f"{process or 'a process'} listens on {address}:{port}",
                f"end it (sudo ss -ltnp 'sport = {port}'), or another port in vllm_models",
            )
            return


def _foreign(model: Model, state: State) -> Iterable[Finding]:
    unit = state.units.get(model.unit)
    if unit and not unit.ours:
        yield Finding(
            "unit",
            "stop",
            f"there is a {unit.name} that no run has written",
            f"/etc/systemd/system/{unit.name} does not begin as ours do",
            "another name for the model, or: sudo systemctl disable --now and delete it",
        )


def _types(
    model: Model, told: Mapping[str, Any] | None, shape: Shape | None, asked: Asked
) -> Iterable[Finding]:
    config_of = shape.stored if shape and model.dtype == "auto" else ""
    words = {
        "dtype": model.dtype,
        "dtype auto, and config.json": config_of,
        "quantization": model.quantization,
        "--kv-cache-dtype": model.argument("--kv-cache-dtype"),
        "config.json": shape.quantized if shape else "",
    }
    for lacking in _lacking().get(asked.arch, ()):
        if lacking["name"] in asked.offer.emulates:
            continue
        for where, word in words.items():
            if word and any(re.search(one, word, re.IGNORECASE) for one in lacking["words"]):
                yield Finding(
                    "types", "stop", lacking["why"], f"{where} says {word}", lacking["then"]
                )
                break


@cache
def _lacking() -> Mapping[str, list[dict[str, Any]]]:
    return tomllib.loads(TYPES.read_text())


def _there(model: Model, found: Found | None) -> Iterable[Finding]:
    if model.of_hub:
        return  # vLLM fetches what is not there
    if found is None or not found.there:
        where = f"{model.model} is not there"
        yield Finding("model", "stop", "there is no model", where, "model in vllm_models")
    elif not found.weights:
        yield Finding(
            "model",
            "stop",
            "there is no model",
            f"{model.model} has no .safetensors, .bin or .gguf in it",
            "put one there, as it is on the hub; or another folder",
        )
    elif model.is_file != (found.there == "file"):
        fix = "a folder, or a file whose name ends in .gguf"
        yield Finding("model", "stop", "it is no model", f"{model.model} is a {found.there}", fix)
    elif found.there == "folder" and found.told is None and not found.mistral:
        what = "cannot be read" if found.config else "is not there"
        fix = "all files of the model, as they are on the hub; of a .gguf the file as model"
        yield Finding("model", "stop", "it is not whole", f"{model.model}/config.json {what}", fix)
    elif found.outside:
        yield Finding(
            "model",
            "stop",
            "the container would not see all of it",
            f"{model.model}/{found.outside[0]} is a link that leads out of the folder",
            f"a copy without links: cp -rL {model.model} /srv/models/{model.name}",
        )
    elif found.closed:
        yield Finding(
            "model",
            "stop",
            "the container may not read it: its root has no more rights than anybody",
            f"{found.closed[0]} in {model.model} is for its owner alone",
            f"sudo chmod -R a+rX {model.model}",
        )


def _heads(model: Model, shape: Shape | None) -> Iterable[Finding]:
    if shape is None:
        return
    parallel, kv = model.parallel, shape.kv_heads
    if shape.heads % parallel:
        evidence = f"config.json has {shape.heads} heads"
    elif not shape.latent and kv % parallel and parallel % kv:
        evidence = f"config.json has {kv} heads for keys and values"
    else:
        return
    could = [n for n in range(1, 17) if _parts(shape, n)]
    listed = ", ".join(map(str, could))
    yield Finding(
        "heads",
        "stop",
        f"it does not part into {parallel} cards",
        evidence,
        f"one of these for parallel: {listed}",
    )


def _parts(shape: Shape, parallel: int) -> bool:
    kv = shape.kv_heads
    return not shape.heads % parallel and (
        bool(shape.latent) or not kv % parallel or not parallel % kv
    )


def _fits(
    model: Model, found: Found | None, shape: Shape | None, own: list[str], state: State
) -> Iterable[Finding]:
    """Weights and the KV cache of one request against what vLLM may take of the smallest card."""
    sizes = [state.vram[pci] for pci in own if pci in state.vram]
    stored = memory.weights(found.weights) if found else 0
    if not stored or len(sizes) < model.parallel:
        return
    room = min(sizes) * model.memory
    part = memory.loaded(stored, shape, model.dtype) / model.parallel
    each = "" if model.parallel == 1 else f" on each of {model.parallel} cards"
    has = f"it may take {_gb(room)} of a card's {_gb(min(sizes))} (memory = {model.memory:g})"
    if part > room:
        yield Finding(
            "memory",
            "stop",
            "the model is larger than the cards' memory",
            f"its weights take {_gb(part)}{each}, and {has}",
            "more cards (parallel), or a quantised version of the model",
        )
        return
    context = model.context or (shape.context if shape else 0)
    if shape is None or not context:
        why = "its config.json does not say how large its KV cache is"
        yield Finding("memory", "note", "whether it fits is not known", why)
        return
    token = memory.per_token(shape, model.dtype, model.parallel)
    if part + token * context > room:
        could = int((room - part) / token) // 256 * 256
        fix = f"context = {could} at the most" if could else "more cards (parallel)"
        yield Finding(
            "memory",
            "stop",
            "the model with this context is larger than the cards' memory",
            f"weights of {_gb(part)} and {_gb(token * context)} for the KV cache of {context} "
            f"tokens{each}, and {has}",
            f"{fix}; less if it is to serve several at once",
        )


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB"


def said(finding: Finding) -> str:
    """A finding as a sentence."""
    evidence = f" ({finding.evidence})" if finding.evidence else ""
    then = f". Next: {finding.fix}" if finding.fix else ""
    return f"{finding.said}{evidence}{then}"
