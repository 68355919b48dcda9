"""Entraide: the exchange through which the associations of a territory keep each other going."""
