"""Facts that no community owns: communes and EPCI, official and domain code lists. Never written by a request."""
