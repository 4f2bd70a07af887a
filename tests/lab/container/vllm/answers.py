"""What is said to a prompt, and the forms that it is said in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from .model import GARBAGE, Model
from .options import NOTE

WORDS = 12  # in an answer that nothing cuts off
USUAL = 16  # most of a completion where nothing is said


class Wrong(Exception):  # noqa: N818 - reads as what it says
    """The request is none that can be answered. + status: HTTP's"""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """A request for text. + most: words + whole: not before that many + chat: which of the two"""

    model: str
    prompt: str
    most: int
    whole: bool
    stream: bool
    usage: bool
    chat: bool


def asked(told: Any, chat: bool, model: Model) -> Asked:
    """Read a request."""
    if not isinstance(told, dict):
        raise Wrong("the body is no JSON object")
    name = told.get("model", model.names[0])
    if name not in model.names:
        raise Wrong(f"The model `{name}` does not exist.", 404)
    prompt = _said(told.get("messages")) if chat else told.get("prompt")
    if not isinstance(prompt, str):
        raise Wrong("messages, each with a content" if chat else "a prompt, as text, is wanted")
    room = model.context - len(prompt.split())
    most = told.get("max_completion_tokens") or told.get("max_tokens") or (room if chat else USUAL)
    if not isinstance(most, int) or most < 1 or most > room:
        raise Wrong(f"the context has {model.context} tokens, {room} beside the prompt: not {most}")
    usage = bool((told.get("stream_options") or {}).get("include_usage"))
    whole, stream = bool(told.get("ignore_eos")), bool(told.get("stream"))
    return Asked(name, prompt, most, whole, stream, usage, chat)


def words(asked: Asked, model: Model) -> list[str]:
    """The answer: the prompt's own words, the last one first."""
    if model.garbage:
        return [GARBAGE]
    own = re.findall(r"\w+", asked.prompt)[::-1] or ["nothing"]
    return list(islice(cycle(own), asked.most if asked.whole else min(asked.most, WORDS)))


def models(model: Model, now: int) -> dict[str, Any]:
    """The answer of /v1/models."""
    rows = [
        {
            "id": name,
            "object": "model",
            "created": now,
            "owned_by": NOTE,
            "root": model.path,
            "parent": None,
            "max_model_len": model.context,
        }
        for name in model.names
    ]
    return {"object": "list", "data": rows}


def whole(asked: Asked, said: list[str], name: str, now: int) -> dict[str, Any]:
    """The answer in one piece."""
    text = " ".join(said)
    body = {"message": {"role": "assistant", "content": text}} if asked.chat else {"text": text}
    kind = "chat.completion" if asked.chat else "text_completion"
    head = {"id": name, "object": kind, "created": now, "model": asked.model}
    choice = {"index": 0, **body, "logprobs": None, "finish_reason": _ends(asked, said)}
    return {**head, "choices": [choice], "usage": _usage(asked, said)}


def pieces(asked: Asked, said: list[str], name: str, now: int) -> Iterator[dict[str, Any]]:
    """The answer word by word."""
    kind = "chat.completion.chunk" if asked.chat else "text_completion"
    head = {"id": name, "object": kind, "created": now, "model": asked.model}

    def piece(body: dict[str, Any], end: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, **body, "finish_reason": end}]}

    if asked.chat:
        yield piece({"delta": {"role": "assistant", "content": ""}})
    for number, word in enumerate(said):
        text = f" {word}" if number else word
        end = _ends(asked, said) if number == len(said) - 1 else None
        yield piece({"delta": {"content": text}} if asked.chat else {"text": text}, end)
    if asked.usage:
        yield {**head, "choices": [], "usage": _usage(asked, said)}


def _said(messages: Any) -> str | None:
    """All that the messages say, whether as text or in parts."""
    texts: list[Any] = []
    for one in messages if isinstance(messages, list) else []:
        content = one.get("content") if isinstance(one, dict) else None
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part.get("text") for part in parts if isinstance(part, dict)]
    return " ".join(texts) if texts and all(isinstance(text, str) for text in texts) else None


def _ends(asked: Asked, said: list[str]) -> str:
    return "length" if len(said) >= asked.most else "stop"


def _usage(asked: Asked, said: list[str]) -> dict[str, int]:
    prompt, answer = len(asked.prompt.split()), len(said)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
    }
