"""Version 1: one module per slice, each handler opens nothing, acts or reads once, and answers."""
