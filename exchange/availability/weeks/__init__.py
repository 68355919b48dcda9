"""Weekly patterns of places: a week of days and nights that one offer follows, with dated exceptions.

Owns the week of an offer and its exceptions. Unrolled eight weeks ahead into ordinary counters, so that whoever counts
or matches sees counters alone. Invariant: a date is opened as its exception says, else as the week says; a counter
that says otherwise was changed by hand, and becomes an exception. Never attests: freshness stays a person's word.
"""
