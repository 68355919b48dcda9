"""One module per slice of the house: each handler opens, acts or reads once, and says where to look next."""
