"""What a command uses, as JSON into a file: python -m tests.bench.used FILE COMMAND...

From a process of its own: to Linux, the most memory that a process has had is what its parent had
when it began, if that is more, and the bench may have a gigabyte.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    started = time.monotonic()
    subprocess.run(sys.argv[2:], check=False)
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
    }
    Path(sys.argv[1]).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
