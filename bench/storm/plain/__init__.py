"""The law told a second time, in dicts and sets: what each act may do, and what it leaves. No word of the product.

Written from `product.md`, `flows.md` and `reliability.md` by hand. An act answers with the rules that forbid it: none,
and it must succeed; some, and the product must refuse for one of them, in whatever order it looks.
"""
