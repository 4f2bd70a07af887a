"""The command line: those of vLLM 0.12's options that a person meets, by their own names."""

from __future__ import annotations

import argparse

VERSION = "0.12.0+gfx906"
NOTE = "regraft lab: a stand-in for vLLM, which computes nothing"
SECRET = "api_key"
FP8 = ("fp8", "fp8_e4m3", "fp8_e5m2")

# Name, and what argparse is told of it.
OPTIONS: dict[str, dict[str, object]] = {
    "host": {},
    "port": {"type": int, "default": 8000},
    "uvicorn-log-level": {"default": "info"},
    "api-key": {"nargs": "*"},
    "root-path": {},
    "chat-template": {},
    "response-role": {"default": "assistant"},
    "tool-call-parser": {},
    "reasoning-parser": {},
    "served-model-name": {"nargs": "+"},
    "tokenizer": {},
    "tokenizer-mode": {"default": "auto"},
    "dtype": {
        "choices": ("auto", "bfloat16", "float", "float16", "float32", "half"),
        "default": "auto",
    },
    "kv-cache-dtype": {"choices": ("auto", "bfloat16", "float16", *FP8), "default": "auto"},
    "quantization": {},
    "max-model-len": {"type": int},
    "max-num-seqs": {"type": int},
    "max-num-batched-tokens": {"type": int},
    "gpu-memory-utilization": {"type": float, "default": 0.9},
    "swap-space": {"type": float, "default": 4},
    "cpu-offload-gb": {"type": float, "default": 0},
    "block-size": {"type": int, "choices": (1, 8, 16, 32, 64, 128, 256)},
    "tensor-parallel-size": {"type": int, "default": 1},
    "pipeline-parallel-size": {"type": int, "default": 1},
    "distributed-executor-backend": {"choices": ("external_launcher", "mp", "ray", "uni")},
    "load-format": {"default": "auto"},
    "download-dir": {},
    "seed": {"type": int, "default": 0},
    "generation-config": {"default": "auto"},
    "limit-mm-per-prompt": {},
    "compilation-config": {},
}
SHORT = {
    "tensor-parallel-size": "-tp",
    "pipeline-parallel-size": "-pp",
    "quantization": "-q",
    "compilation-config": "-cc",
}
SWITCHES = (
    "async-scheduling",
    "disable-custom-all-reduce",
    "enable-chunked-prefill",
    "enable-expert-parallel",
    "enable-log-requests",
    "enable-prefix-caching",
    "enforce-eager",
    "trust-remote-code",
)
SWITCHES_WITHOUT_NO = ("disable-uvicorn-access-log", "enable-auto-tool-choice")


def read(arguments: list[str]) -> argparse.Namespace:
    """What the command line says; what it knows nothing of ends the program, as with the real."""
    parser = argparse.ArgumentParser("vllm", description=NOTE, allow_abbrev=False)
    parser.add_argument("-v", "--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, dest="command")
    serve = commands.add_parser("serve", description=NOTE, allow_abbrev=False)
    serve.add_argument("model", help="a folder with a model: this stand-in fetches none")
    for name, told in OPTIONS.items():
        names = [f"--{name}", *([SHORT[name]] if name in SHORT else [])]
        serve.add_argument(*names, **told)  # type: ignore[arg-type]
    for name in SWITCHES:
        serve.add_argument(f"--{name}", action=argparse.BooleanOptionalAction)
    for name in SWITCHES_WITHOUT_NO:
        serve.add_argument(f"--{name}", action="store_true")
    return parser.parse_args(arguments)


def changed(options: argparse.Namespace) -> dict[str, object]:
    """Those that were given, for the log: the real one's has the key in it, this one's has not."""
    usual = {name.replace("-", "_"): told.get("default") for name, told in OPTIONS.items()}
    return {
        name: value
        for name, value in vars(options).items()
        if value not in (usual.get(name), None, False) and name not in ("command", SECRET)
    }
