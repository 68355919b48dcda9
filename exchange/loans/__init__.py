"""The life of a staff loan: proposal, three agreements in any order, mission.

Invariants: no loan is agreed without the person's own consent, given on their link; nobody is lent twice at once,
travel included, in any community. Never: consent given by someone else.
"""
