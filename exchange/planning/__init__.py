"""Matching put to work: leased demand, a snapshot, a solve in a child process, and what still holds put forward.

Owns `match_runs`. Alone calls `exchange.matching`. Never solves inside a transaction nor on the event loop, and never
promises anything: it proposes, people decide.
"""
