"""Exchanges of data with the outside: today, the import of the national register of establishments.

Owns: `finess_establishments`, a register of public facts without tenant.
Invariants: an import stages, compares, then applies in one transaction; absence from a file never deletes.
Never: creates an operator or a facility of a community from the register by itself.
"""
