"""Spare places, as published and attested: offers, their segments, their freshness.

Invariant: `0 <= used <= capacity + over_capacity` in every segment, kept by a CHECK behind a row lock.
`to_confirm` is not stored: it is `fresh_until <= now`. Never: a promise; availability only counts.
"""
