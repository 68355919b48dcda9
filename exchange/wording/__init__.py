"""Pure: typed codes in, French words out. Imports nothing of the house."""
