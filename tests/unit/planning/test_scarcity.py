"""The price of a rare place: nothing where there is plenty, more as more people ask, less as more places are left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.planning.scarcity import STEP_MINUTES, Claim, Room, scarcity_prices

MOST = 300
FEW, ROOMY = Room(days=5, nights=5), Room(days=200, nights=200)


def nights(count: int, *offers: str) -> Claim[str]:
    return Claim(days=0, nights=count, offers=frozenset(offers))


def days(count: int, *offers: str) -> Claim[str]:
    return Claim(days=count, nights=0, offers=frozenset(offers))


@pytest.mark.parametrize(
    ("rooms", "claims", "prices"),
    [
        ({"rare": FEW}, [], {"rare": 0}),
        ({"rare": ROOMY}, [nights(5, "rare")] * 3, {"rare": 0}),
        # Loads of 1, 2 and 20 claimants for a place: 300 * (1 - exp(0.25 - load)), rounded down to 5.
        ({"rare": FEW}, [nights(5, "rare")], {"rare": 155}),
        ({"rare": FEW}, [nights(5, "rare")] * 2, {"rare": 245}),
        ({"rare": FEW}, [nights(5, "rare")] * 20, {"rare": 295}),
        ({"rare": FEW, "usual": ROOMY}, [nights(5, "rare", "usual")], {"rare": 0, "usual": 0}),
        ({"rare": FEW, "usual": ROOMY}, [nights(5, "rare"), nights(5, "rare", "usual")], {"rare": 160, "usual": 0}),
        ({"rare": Room(days=5, nights=0), "bed": FEW}, [nights(5, "rare", "bed")], {"rare": 0, "bed": 155}),
        ({"rare": FEW}, [days(5, "rare"), nights(10, "rare")], {"rare": 245}),
        ({"full": Room(0, 0), "usual": ROOMY}, [nights(5, "full")], {"full": 0, "usual": 0}),
    ],
    ids=[
        "nobody-asked",
        "ample",
        "as-many-claims-as-places",
        "twice-as-many",
        "far-more",
        "another-answer-is-ample",
        "those-who-have-no-other-weigh",
        "a-day-place-hosts-no-night",
        "the-dearer-of-days-and-nights",
        "no-room-no-price",
    ],
)
def test_a_place_is_as_dear_as_it_will_be_missed(
    rooms: dict[str, Room], claims: list[Claim[str]], prices: dict[str, int]
) -> None:
    assert scarcity_prices(rooms, claims, MOST) == prices


NAMES = ("a", "b", "c", "d")
amounts = st.integers(1, 40)
some_rooms = st.fixed_dictionaries({name: st.builds(Room, amounts, amounts) for name in NAMES})
some_claims = st.lists(
    st.builds(Claim, st.integers(0, 6), st.integers(0, 6), st.frozensets(st.sampled_from(NAMES))), max_size=12
)


@given(some_rooms, some_claims, some_claims)
def test_one_more_request_never_lowers_a_price(
    rooms: dict[str, Room], claims: list[Claim[str]], more: list[Claim[str]]
) -> None:
    before, after = scarcity_prices(rooms, claims, MOST), scarcity_prices(rooms, claims + more, MOST)
    assert all(after[name] >= before[name] for name in NAMES)


@given(some_rooms, some_claims, st.sampled_from(NAMES), amounts, amounts)
def test_one_more_place_never_raises_a_price(
    rooms: dict[str, Room], claims: list[Claim[str]], where: str, by_day: int, by_night: int
) -> None:
    wider = {**rooms, where: Room(rooms[where].days + by_day, rooms[where].nights + by_night)}
    before, after = scarcity_prices(rooms, claims, MOST), scarcity_prices(wider, claims, MOST)
    assert all(after[name] <= before[name] for name in NAMES)


@given(some_rooms, st.permutations(range(6)), st.integers(0, 600))
def test_prices_are_bounded_whole_steps_and_owe_nothing_to_the_order(
    rooms: dict[str, Room], order: list[int], most: int
) -> None:
    claims = [nights(1 + rank, *NAMES[: 1 + rank % 4]) for rank in range(6)]
    prices = scarcity_prices(rooms, claims, most)
    assert prices == scarcity_prices(rooms, [claims[rank] for rank in order], most)
    assert all(0 <= price <= most and price % STEP_MINUTES == 0 for price in prices.values())
