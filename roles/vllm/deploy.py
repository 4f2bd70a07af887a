"""The steps of the role vllm, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pyinfra.context import ctx_host

from roles import settings
from roles.ahead import Foreseen
from roles.gpu.card import Card
from roles.upstream.given import given
from roles.vllm import operations, seen
from roles.vllm.gates import Asked
from roles.vllm.health import Served
from roles.vllm.offer import offer
from roles.vllm.order import Order
from roles.vllm.probes import Place
from roles.vllm.reference import HUB, parse
from roles.vllm.settings import Settings

REGISTRY, MODELS = "container-registry", "model-hub"


def vllm(arch: str, cards: tuple[Card, ...]) -> Callable[[], bool]:
    """
    The models of the inventory, served on the cards of this arch. Gives a question: has it changed?

    What cannot work is refused first. Models that do not answer in the end are for `serving`.
    """
    own, place = _own(), _place(arch, cards)
    if not own.models:
        return operations.away(name="vLLM | no longer served", place=place).did_change
    asked, order = _asked(arch, place), _order()
    addresses = given(ctx_host.get().data.dict()).addresses
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


def image(arch: str, cards: tuple[Card, ...]) -> Foreseen:
    """A question for the first step: which image will `vllm` fetch?"""
    own, place = _own(), _place(arch, cards)
    if not own.models:
        return lambda: None
    return partial(operations.foreseen, place, _asked(arch, place), own.vllm_accept, _order())


def _own() -> Settings:
    return settings.read(Settings, ctx_host.get().data.dict())


def _place(arch: str, cards: tuple[Card, ...]) -> Place:
    own = _own()
    ours = tuple(dict.fromkeys(card.pci for card in cards if card.arch == arch))
    return Place(own.vllm_key_file, ours, own.models, own.vllm_listen)


def _asked(arch: str, place: Place) -> Asked:
    own = _own()
    return Asked(arch, place.cards, own.models, offer(own.vllm_image), own.vllm_listen)


def _order() -> Order:
    own, upstream = _own(), given(ctx_host.get().data.dict())
    reference = offer(own.vllm_image).reference
    return Order(
        reference=reference,
        registries=tuple(own.vllm_registries) or (_registry(reference, upstream.addresses),),
        digest=own.vllm_image_digest,
        lock=upstream.lock,
        cache=upstream.cache,
    )


def _registry(reference: str, addresses: Mapping[str, str]) -> str:
    """Where a reference leads by itself: Docker Hub is an upstream, others say where they are."""
    host = parse(reference).host
    return addresses[REGISTRY] if host == HUB else f"https://{host}"


def served() -> Callable[[], tuple[Served, ...]]:
    """A question for later: which models are served, and where?"""
    own = _own()
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
    if _own().models:
        operations.judge(name="vLLM | verdict")


def no_vllm() -> None:
    """The box as it was before `vllm`."""
    own = _own()
    operations.remove(name="vLLM | away", place=Place(own.vllm_key_file, (), (), own.vllm_listen))
