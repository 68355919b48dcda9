"""How much memory a process took at most."""

import resource
import sys
from pathlib import Path


def peak_memory_mb() -> float:
    """Largest resident memory of this process since it started, in megabytes.

    The kernel's own counter where there is one: `ru_maxrss` also remembers the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
