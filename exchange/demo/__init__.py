"""The demonstration community: fictional associations, places, people and shortages on a real territory.

Owns: tables of plain values, dated relative to a first day, and their expansion into segments and instants.
Invariants: every operator, facility, person and telephone number is invented; every commune and code is real.
Never: writes to a database; the loader does, through the same commands as everybody.
"""
