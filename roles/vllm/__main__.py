"""What is known of vLLM in a virtual environment: python -m roles.vllm

Serving is by containers (deploy/vllm.py). For those who build it themselves, patches/vllm has what
others have built it with; this says what speaks against each.
"""

from __future__ import annotations

import sys
import tomllib

from roles.upstream.table import upstreams
from roles.vllm.combination import FIELDS, PATCHES, against


def main() -> int:
    """Print each of them, its warnings with it."""
    index = next(one.address for one in upstreams({}) if one.name == "pytorch")
    for path in sorted(PATCHES.glob("rocm-*.toml")):
        local = tomllib.loads(path.read_text())
        print(f"{path.stem}: {', '.join(f'{one} {local[one]}' for one in FIELDS if one in local)}")
        print(f"  source        {local['repository']}, tag {local['tag']} ({local['commit']})")
        print(f"  requirements  {PATCHES / local['requirements']}")
        print(f"  torch from    {index}/{local['index']}")
        for one in against(local):
            print(f"  WARNING       {one.told} ({one.known.source})")
        for note in local["notes"]:
            print(f"  note          {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
