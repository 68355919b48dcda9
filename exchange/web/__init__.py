"""The French pages: server-rendered, phone first, usable without JavaScript, live where it helps.

Knows no rule of the house: it reads forms, opens what the visitor may see, and says in plain French what was refused.
`route_handlers()` is what the application mounts.
"""

from exchange.web.routes import route_handlers

__all__ = ["route_handlers"]
