"""The REST door: `/api/v1`, bearer tokens, JSON in and out, every refusal an RFC 9457 problem.

Knows no rule of the house: it reads strictly, opens one transaction, calls one command or query, and answers.
"""

from exchange.api.routes import route_handlers

__all__ = ["route_handlers"]
