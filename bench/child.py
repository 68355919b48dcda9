"""The process of one job: reads it on its input, bounds its own memory, prints the answer and its peak memory."""

import json
import resource
import sys

from bench import jobs
from bench.memory import peak_memory_mb


def main() -> None:
    job = json.load(sys.stdin)
    ceiling = job["memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    answer = jobs.TASKS[job["task"]](**job["arguments"])
    json.dump({**answer, "peak_mb": peak_memory_mb()}, sys.stdout)


if __name__ == "__main__":
    main()
