"""The description is the contract: whatever it allows never faults, and whatever is answered is described."""

from __future__ import annotations

import asyncio
import re
from itertools import cycle

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exchange.api.guards import ROLES_KEY
from exchange.api.routes import PATH, READS, WRITES
from exchange.kernel.actor import Role
from tests.api.conftest import World
from tests.api.test_hidden_and_audited import lived_in

DESCRIPTION = f"{PATH}/openapi.json"
EXAMPLES = 6
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
NAMED_BY = {
    "offer_id": "offer",
    "reference": "situation",
    "placement_id": "placement",
    "loan_id": "loan",
    "volunteer_id": "volunteer",
    "need_id": "need",
}


def cases_of(operation: APIOperation, mode: GenerationMode) -> list[Case]:
    """Some requests that the description allows, or that it forbids; the same at each run."""
    made: list[Case] = []

    @seed(43)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def gather(case: Case) -> None:
        made.append(case)

    gather()
    return made


def role_of(path: str, method: str) -> Role:
    """A role that may call the route, the most involved first."""
    for handler in (*READS, *WRITES):
        address = PATH + re.sub(r":\w+}", "}", min(handler.paths))
        if address == path and method.upper() in handler.http_methods:
            allowed = handler.opt[ROLES_KEY]
            return next(role for role in (Role.FACILITY_MANAGER, Role.COORDINATOR) if role in allowed)
    raise LookupError(path)


async def test_nothing_that_the_description_allows_or_forbids_is_a_fault(world: World) -> None:
    # Read through our own client: the ASGI loader would run the application in a loop of its own.
    assert world.anonymous is not None
    schema = schemathesis.openapi.from_dict((await world.anonymous.get(DESCRIPTION)).json())
    operations = [each.ok() for each in schema.get_all_operations() if each.ok().path.startswith(PATH)]
    assert {(each.method.upper(), each.path) for each in operations} == described_routes()
    things = await lived_in(world)
    sent = 0
    for operation in operations:
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if operation.body else [GenerationMode.POSITIVE]
        for mode in modes:
            cases = await asyncio.to_thread(cases_of, operation, mode)
            for case, is_real in zip(cases, cycle((False, True)), strict=False):
                if is_real:
                    known = {name: things[NAMED_BY[name]] for name in case.path_parameters or {} if name in NAMED_BY}
                    case.path_parameters = {**(case.path_parameters or {}), **known}
                await expect_described(world, case, role_of(operation.path, operation.method))
                sent += 1
    assert sent > 3 * len(operations)


async def expect_described(world: World, case: Case, role: Role) -> None:
    asked = case.as_transport_kwargs(base_url="http://entraide.test")
    token = world.callers[role].token
    headers = {name: str(value).encode() for name, value in asked.pop("headers").items() if name != "Authorization"}
    asked.pop("cookies", None)
    if "data" in asked:
        asked["content"] = asked.pop("data")
    assert world.anonymous is not None
    reply = await world.anonymous.request(**asked, headers={**headers, "Authorization": f"Bearer {token}".encode()})
    assert reply.status_code < 500, (case.operation.label, asked, reply.text)
    assert reply.status_code != 401, (case.operation.label, asked)
    case.validate_response(reply, checks=CHECKS)


def described_routes() -> set[tuple[str, str]]:
    return {
        (method, PATH + re.sub(r":\w+}", "}", min(handler.paths)))
        for handlers, method in ((READS, "GET"), (WRITES, "POST"))
        for handler in handlers
    }
