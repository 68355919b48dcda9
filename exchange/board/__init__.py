"""The live board: what each kind of viewer may see of the community's cards, now or as of a past minute.

Owns no table: `record` writes the cards. What can be computed is computed here and never stored: a place to
confirm, a situation left untouched. No need code, no name, no address ever reaches a card, hence never a viewer.
"""
