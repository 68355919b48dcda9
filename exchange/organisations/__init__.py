"""Who pools with whom: communities, operators, facilities, living areas, and each community's parameters.

Invariant: every row below a community carries its `community_id`, and row-level security hides it from the others.
Never: a ranking of operators.
"""
