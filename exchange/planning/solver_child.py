"""The solver's own program: everything loaded once, then one fork per problem, killed when its time is over.

Frames on standard input and output, as in `solver_wire`. A fork costs milliseconds and gives
its memory back at the end; a solve that outlives its wall cap or its memory takes nobody else with it. The program ends
when its standard input does, that is when the worker ends, however it ended.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import selectors
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field

import msgspec

from exchange.matching import UnlawfulPlan, solve
from exchange.matching.errors import ProblemInvalid
from exchange.matching.files import problem_to_json
from exchange.matching.limits import Limits
from exchange.matching.plan import Plan
from exchange.matching.plan_files import plan_to_json
from exchange.matching.plan_ways import with_ways
from exchange.matching.problem import Problem
from exchange.matching.standing import standing_of
from exchange.planning.backups import backups_of
from exchange.planning.loosening import Accepted, without_refused_line
from exchange.planning.solver_wire import LENGTH, Answer, Stop, Work, frame_of, unpacked

WAYS_UNTIL = 0.8
"""Of the time that a solve is given before it is killed: a plan must never be lost for what only goes with it."""


@dataclass
class Solving:
    """A fork at work, the end of the pipe it will answer on, and the instant at which it is killed."""

    work: Work
    pid: int
    pipe: int
    deadline: float
    killed: bool = False
    answer: bytearray = field(default_factory=bytearray)


def answer_to(work: Work) -> Answer:
    """Solve one problem, taking off it the promises that its rules would refuse."""
    began = time.monotonic()
    sent = Accepted(unpacked(work.problem), work.promised_loans, work.promised_placements)
    accepted = sent
    limits = Limits(work.deterministic_time, work.wall_seconds, work.seed)
    while True:
        try:
            plan = solve(accepted.problem, limits)
        except ProblemInvalid as refusal:
            looser = without_refused_line(accepted, refusal)
            if looser is None:
                return Answer(work.id, failed=f"refused: {refusal.key}")
            accepted = looser
        else:
            return Answer(
                work.id,
                loosened=None if accepted is sent else problem_to_json(accepted.problem),
                plan=plan_to_json(_with_ways(accepted.problem, plan, work, began)),
                backups=[
                    (rank, line.situation, line.block, line.offer) for rank, line in backups_of(accepted.problem, plan)
                ],
            )


def _with_ways(problem: Problem, plan: Plan, work: Work, began: float) -> Plan:
    """Add what would suffice for unmet items, as far as time allows; the plan stands without."""
    if not work.items_with_ways or not plan.unmet:
        return plan
    until = began + WAYS_UNTIL * work.kill_after_seconds
    try:
        standing = standing_of(problem, plan)
        return with_ways(plan, standing, work.items_with_ways, is_late=lambda: time.monotonic() >= until)
    except Exception:  # noqa: BLE001  # any defect, memory included: a lawful plan is at hand
        traceback.print_exc()
        return plan


def fork(work: Work) -> Solving:
    """Start a solve in a fork of this process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Solving(work, pid, reading, time.monotonic() + work.kill_after_seconds)
    status = 1
    try:
        os.close(reading)
        os.close(sys.stdin.fileno())
        # Standard output carries frames: a library that prints would break them.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os.nice(work.niceness)
        resource.setrlimit(resource.RLIMIT_AS, (work.memory_bytes, work.memory_bytes))
        # Should this program be killed itself, nobody is left to keep the deadline of its forks.
        seconds = math.ceil(work.kill_after_seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        try:
            answer = answer_to(work)
        except ProblemInvalid as refusal:
            answer = Answer(work.id, failed=f"refused: {refusal.key}")
        except UnlawfulPlan:
            answer = Answer(work.id, failed="unlawful-plan")
        except MemoryError:
            answer = Answer(work.id, failed="memory")
        with os.fdopen(writing, "wb") as out:
            out.write(frame_of(answer))
        status = 0
    finally:
        # Whatever happened, the fork must never return into the parent's loop.
        os._exit(status)


def reap(solving: Solving) -> bytes:
    """Collect an ended fork and return the reply, its own or the one that tells how it died."""
    _, status = os.waitpid(solving.pid, 0)
    os.close(solving.pipe)
    if solving.killed:
        return frame_of(Answer(solving.work.id, failed="wall-cap"))
    if os.waitstatus_to_exitcode(status) != 0 or not solving.answer:
        return frame_of(Answer(solving.work.id, failed="crashed"))
    return bytes(solving.answer)


def kill(solving: Solving) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(solving.pid, signal.SIGKILL)


def frames_of(received: bytearray) -> list[bytes]:
    """Take the whole frames out of what was received; the rest stays."""
    frames = []
    while len(received) >= LENGTH.size:
        (length,) = LENGTH.unpack_from(received)
        if len(received) < LENGTH.size + length:
            break
        frames.append(bytes(received[LENGTH.size : LENGTH.size + length]))
        del received[: LENGTH.size + length]
    return frames


def serve(requests: int, replies: int) -> None:
    """Answer until `requests` ends; both are file descriptors."""
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    received = bytearray()
    at_work: dict[int, Solving] = {}
    try:
        while True:
            for key, _ in selector.select(_seconds_to_next_deadline(at_work)):
                chunk = os.read(key.fd, 1 << 20)
                if key.fd == requests:
                    if not chunk:
                        return
                    received += chunk
                elif chunk:
                    at_work[key.fd].answer += chunk
                else:
                    selector.unregister(key.fd)
                    _reply(replies, reap(at_work.pop(key.fd)))
            for frame in frames_of(received):
                message: Work | Stop = msgspec.json.decode(frame, type=Work | Stop)
                match message:
                    case Work() as work:
                        solving = fork(work)
                        at_work[solving.pipe] = solving
                        selector.register(solving.pipe, selectors.EVENT_READ)
                    case Stop(id=number):
                        for solving in at_work.values():
                            if solving.work.id == number:
                                solving.deadline = 0.0
            for solving in at_work.values():
                if not solving.killed and time.monotonic() >= solving.deadline:
                    solving.killed = True
                    kill(solving)
    finally:
        for solving in at_work.values():
            kill(solving)


def _seconds_to_next_deadline(at_work: dict[int, Solving]) -> float | None:
    deadlines = [solving.deadline for solving in at_work.values() if not solving.killed]
    return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None


def _reply(replies: int, frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[os.write(replies, left) :]


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches the whole group; the worker decides, and its end closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.fileno(), sys.stdout.fileno())
