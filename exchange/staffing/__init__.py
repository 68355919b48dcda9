"""People who volunteer to be lent, the time they or their employer give, and the shifts that are missing.

Owns volunteers, their times, staff needs and shifts. Invariants: a need states no health reason; seats of a shift
stay between 0 and its headcount; a volunteer's name is apart and shown to the employer alone before consent.
"""
