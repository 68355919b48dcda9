"""The life of an answer: proposal, hold, yeses, arrival, exit.

A proposal is a placement in its first state; an answer is the placements of a situation at one rank. Invariants: one
offer per segment of a person while claiming, `used` equals the claiming segments, confirmed implies three yeses.
Never: an acceptance by anyone but the receiving facility.
"""
