"""Who signs in, as what, and through which link.

Owns accounts, memberships, sessions, API tokens and one-act links. Invariant: secrets are stored hashed, an act by
link needs a POST. Never: a person who is supported; `person` is not an account.
"""
