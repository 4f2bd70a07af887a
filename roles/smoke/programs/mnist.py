"""The classic: a small convolutional network learns to read digits, and is tested on others.

The steps are taken by hand: torch's optimizers load its compiler and with it Triton, which another
package may have broken, and which a test of these kernels is not about.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from roles.smoke.programs import digits
from roles.smoke.programs.part import Part, Step, Told

BATCH = 64
TEST_BATCH = 1000
RATE, MOMENTUM = 0.02, 0.9
MEAN, DEVIATION = 0.1307, 0.3081  # of the training images
KEPT_LOSSES = 200  # points of the curve
CPU_STEPS = 2  # where no card computes: that the program runs
CPU_BATCH = 8


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Train until the accuracy is there; without a card, two steps on the processor."""
    if device is None:
        yield Step("processor", partial(_tried, torch, told))
    else:
        yield Step("training", partial(_trained, torch, device, told))


def _tried(torch: Any, told: Told) -> Part:
    losses = _steps(torch, _network(torch), *_loaded(torch, told.data, "train"), CPU_STEPS)
    if not all(0 < loss < 20 for loss in losses):
        return Part("fail", f"losses of {losses} on the processor")
    return Part("pending", "two steps on the processor; no card computes here", {"losses": losses})


def _trained(torch: Any, device: Any, told: Told) -> Part:
    images, labels = (one.to(device) for one in _loaded(torch, told.data, "train"))
    tests = [one.to(device) for one in _loaded(torch, told.data, "t10k")]
    network = _network(torch).to(device)
    speeds = _speeds(torch, network)
    kept: list[Any] = []  # on the card: to fetch each would wait for each step
    accuracy, epochs = 0.0, 0
    started = time.monotonic()
    while epochs < told.epochs and accuracy < told.accuracy:
        epochs += 1
        network.train()
        order = torch.randperm(len(images)).to(device)
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            kept.append(_step(torch, network, speeds, images[chosen], labels[chosen]))
        accuracy = _accuracy(torch, network, *tests)
    losses = torch.stack(kept).tolist()
    seconds = time.monotonic() - started
    every = max(1, len(losses) // KEPT_LOSSES)
    figures = {
        "accuracy": round(accuracy, 4),
        "wanted": told.accuracy,
        "epochs": epochs,
        "steps": len(losses),
        "seconds": round(seconds, 2),
        "images_per_second": round(epochs * len(images) / seconds),
        "losses": [round(loss, 4) for loss in losses[::every]],
    }
    good = accuracy >= told.accuracy
    why = "" if good else f"{accuracy:.1%} of the test images read, {told.accuracy:.1%} wanted"
    return Part("pass" if good else "fail", why, figures)


def _network(torch: Any) -> Any:
    nn = torch.nn
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def _loaded(torch: Any, folder: str, kind: str) -> tuple[Any, Any]:
    sizes, pixels = digits.read(Path(folder) / f"{kind}-images-idx3-ubyte.gz")
    _, told = digits.read(Path(folder) / f"{kind}-labels-idx1-ubyte.gz")
    images = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).float().view(-1, 1, *sizes[1:])
    labels = torch.frombuffer(bytearray(told), dtype=torch.uint8).long()
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images of {kind} have {len(labels)} labels")
    return (images / 255 - MEAN) / DEVIATION, labels


def _steps(torch: Any, network: Any, images: Any, labels: Any, count: int) -> list[float]:
    speeds = _speeds(torch, network)
    network.train()
    batches = [slice(at * CPU_BATCH, (at + 1) * CPU_BATCH) for at in range(count)]
    return [float(_step(torch, network, speeds, images[b], labels[b])) for b in batches]


def _speeds(torch: Any, network: Any) -> list[tuple[Any, Any]]:
    """Each weight, and how fast it is moving."""
    return [(weight, torch.zeros_like(weight)) for weight in network.parameters()]


def _step(torch: Any, network: Any, speeds: list[tuple[Any, Any]], images: Any, labels: Any) -> Any:
    network.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(images), labels)
    loss.backward()
    with torch.no_grad():
        for weight, speed in speeds:
            speed.mul_(MOMENTUM).add_(weight.grad)
            weight.sub_(speed, alpha=RATE)
    return loss.detach()


def _accuracy(torch: Any, network: Any, images: Any, labels: Any) -> float:
    network.eval()
    right = 0
    with torch.no_grad():
        for at in range(0, len(images), TEST_BATCH):
            read = network(images[at : at + TEST_BATCH]).argmax(1)
            right += int((read == labels[at : at + TEST_BATCH]).sum())
    return right / len(images)
