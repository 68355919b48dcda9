"""Pseudonymous needs: a random reference, an age band, codes, blocks of segments, a referent and a next check.

Invariants: closed if and only if an outcome is set; open implies a next check; no name, birth date or address.
Blocks are immutable: changing dates retires them and adds others. Never: "no solution" as an outcome.
"""
