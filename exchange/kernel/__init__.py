"""The ground floor: transactions, time, identifiers, errors, and the one way to record a fact.

Owns the journals (`events`, `cards`, `outbox`, `idempotency_records`, `access_log`). Knows no slice.
"""
