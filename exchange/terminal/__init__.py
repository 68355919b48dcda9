"""The command line's own rooms: how it finds its settings and says no, and what it does in the database.

Invariants: one transaction per act; one French sentence and a non-zero status for each refusal.
Never: decides anything that a slice should decide.
"""
