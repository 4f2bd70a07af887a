"""The steps of the role vllm, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pyinfra.context import ctx_host

from roles import settings
from roles.gpu.card import Card
from roles.upstream.settings import Settings as UpstreamSettings
from roles.upstream.table import upstreams
from roles.vllm import operations, seen
from roles.vllm.gates import Asked
from roles.vllm.health import Served
from roles.vllm.obtain import Order
from roles.vllm.offer import offer
from roles.vllm.probes import Place
from roles.vllm.reference import HUB, parse
from roles.vllm.settings import Settings

REGISTRY, MODELS = "container-registry", "model-hub"


def vllm(arch: str, cards: tuple[Card, ...]) -> Callable[[], bool]:
    """
    The models of the inventory, served on the cards of this arch. Gives a question: has it changed?

    What cannot work is refused first. Models that do not answer in the end are for `serving`.
    """
    data = ctx_host.get().data.dict()
    own, upstream = settings.read(Settings, data), settings.read(UpstreamSettings, data)
    ours = tuple(dict.fromkeys(card.pci for card in cards if card.arch == arch))
    place = Place(own.vllm_key_file, ours, own.models, own.vllm_listen)
    if not own.models:
        return operations.away(name="vLLM | no longer served", place=place).did_change
    addresses = {one.name: one.address for one in upstreams(upstream.upstream_addresses)}
    asked = Asked(arch, ours, own.models, offer(own.vllm_image), own.vllm_listen)
    order = Order(
        reference=asked.offer.reference,
        registries=tuple(own.vllm_registries) or (_registry(asked.offer.reference, addresses),),
        digest=own.vllm_image_digest,
        lock=str(Path(upstream.upstream_lock).expanduser().resolve()),
        cache=str(Path(upstream.upstream_cache).expanduser()),
    )
    steps = [
        operations.gates(
            name="vLLM | what cannot work", place=place, asked=asked, accepted=own.vllm_accept
        ),
        operations.away(name="vLLM | no longer served", place=place),
        operations.engine(name="vLLM | container engine", place=place),
        operations.image(name="vLLM | image", place=place, order=order),
        operations.key(name="vLLM | key", place=place),
    ]
    for model in ctx_host.get().loop(own.models):
        steps.append(
            operations.serve(
                name=f"vLLM | {model.name}",
                place=place,
                asked=asked,
                order=order,
                model=model,
                hub=addresses[MODELS],
            )
        )
    steps += [
        operations.answer(name="vLLM | answers", place=place, minutes=own.vllm_start_minutes),
        operations.prune(name="vLLM | old images", place=place, order=order),
    ]
    return lambda: any(step.did_change() for step in steps)


def _registry(reference: str, addresses: Mapping[str, str]) -> str:
    """Where a reference leads by itself: Docker Hub is an upstream, others say where they are."""
    host = parse(reference).host
    return addresses[REGISTRY] if host == HUB else f"https://{host}"


def served() -> Callable[[], tuple[Served, ...]]:
    """A question for later: which models are served, and where?"""
    own = settings.read(Settings, ctx_host.get().data.dict())
    at = f"[{own.vllm_listen}]" if ":" in own.vllm_listen else own.vllm_listen
    ports = {one.name: one.port for one in own.models}

    def ask() -> tuple[Served, ...]:
        return tuple(
            Served(one.name, f"http://{at}:{ports[one.name]}", one.condition == "served", one.why)
            for one in seen.answered()
        )

    return ask


def serving() -> None:
    """The end of a deploy that serves: it fails where a model does not answer."""
    if settings.read(Settings, ctx_host.get().data.dict()).models:
        operations.judge(name="vLLM | verdict")


def no_vllm() -> None:
    """The box as it was before `vllm`."""
    own = settings.read(Settings, ctx_host.get().data.dict())
    operations.remove(name="vLLM | away", place=Place(own.vllm_key_file, (), (), own.vllm_listen))
