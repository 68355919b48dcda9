"""The short list of posts: what a facility employs is in it, and everything else stays behind it."""

from __future__ import annotations

import pytest

from exchange.demo.community import FACILITIES
from exchange.demo.staff import POSTS_BY_CATEGORY
from exchange.reference.posts import USUAL_POSTS, usual_posts
from exchange.reference.qualifications import Qualification


def test_every_category_of_the_demonstration_has_its_short_list() -> None:
    assert {facility.category for facility in FACILITIES} <= USUAL_POSTS.keys()


@pytest.mark.parametrize("category", sorted(USUAL_POSTS))
def test_a_short_list_is_short_and_holds_the_commonest_posts(category: str) -> None:
    posts = usual_posts((category,))
    assert 1 < len(posts) <= 6 < len(Qualification)
    assert len(set(posts)) == len(posts)
    assert set(POSTS_BY_CATEGORY.get(category, posts)[:1]) <= set(posts)


def test_several_sites_share_one_list_without_repeats() -> None:
    both = usual_posts(("246", "252"))
    assert both[:3] == USUAL_POSTS["246"]
    assert sorted(both) == sorted({*USUAL_POSTS["246"], *USUAL_POSTS["252"]})


def test_an_unknown_category_still_has_a_list() -> None:
    assert usual_posts(("000",)) == usual_posts(()) != ()
