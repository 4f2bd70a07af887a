"""`vllm serve MODEL`: what the real one logs on its way up, then its server."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from .model import Model, NotServed, load, needs
from .options import NOTE, VERSION, changed, read
from .server import ROUTES, Server


def main() -> int:
    """Serve until a signal ends it, or say why not."""
    options = read(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):  # the first process of a container has no usual
        signal.signal(number, signal.default_int_handler)
    _log("api_server", f"vLLM API server version {VERSION} ({NOTE})")
    _log("utils", f"non-default args: {changed(options)}")
    keys = options.api_key or [os.environ.get("VLLM_API_KEY", "")]
    place = (options.host or "0.0.0.0", options.port)
    with suppress(KeyboardInterrupt):
        try:
            needs(options)
            model = load(options)
            _load(model)
            with Server(
                place, model, [key for key in keys if key], not options.disable_uvicorn_access_log
            ) as server:
                _welcome(server)
                server.serve_forever()
        except NotServed as problem:
            _log("core", f"EngineCore failed to start: {problem}", "ERROR")
            return 1
        except OSError as problem:
            _log("launcher", f"{place}: {problem}", "ERROR")
            return 1
    return 0


def _load(model: Model) -> None:
    _log("model", f"Resolved architecture: {model.architecture}")
    _log("model", f"Using max model len {model.context}")
    _log("core", f"Initializing a V1 LLM engine (v{VERSION}) with config: model={model.path!r}")
    _log("gpu_model_runner", f"Starting to load model {model.path}...")
    time.sleep(model.slow)
    if model.dies:
        raise NotServed(model.dies)
    _log("gpu_model_runner", f"Model loading took 0.0 GiB and {model.slow:.6f} seconds")
    _log("kv_cache_utils", f"GPU KV cache size: {model.context} tokens")


def _welcome(server: Server) -> None:
    host, port = server.server_address[:2]
    _log("api_server", f"Starting vLLM API server 0 on http://{host!s}:{port}")
    _log("launcher", "Available routes are:")
    for path, method in ROUTES.items():
        _log("launcher", f"Route: {path}, Methods: {method}")
    for line in (f"Started server process [{os.getpid()}]", "Application startup complete."):
        print(f"INFO:     {line}", flush=True)


def _log(module: str, text: str, level: str = "INFO") -> None:
    now = time.strftime("%m-%d %H:%M:%S")
    print(f"(APIServer pid={os.getpid()}) {level} {now} [{module}.py:1] {text}", flush=True)
