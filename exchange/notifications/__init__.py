"""Who is told what, by which channel, and whether it arrived.

Messages are derived from facts, idempotently; their text is rendered when sent and never stored. Invariant: one
message per fact, recipient, channel and step. Never: a name, a need code or a commune of the person in a message.
"""
