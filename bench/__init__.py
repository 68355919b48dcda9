"""Comparisons behind `./run bench`: our matcher against a telephone, a naive model and another solver.

Invariants: contenders take turns over the same generated territories in one run; every plan is judged by two programs
that share no code with any contender; a figure over its threshold stays in the table. Each solve is a process of its
own, with a deadline and a memory limit. Never imported by the product.
"""
