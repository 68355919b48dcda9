"""Weekly patterns of volunteers: hours of the week, by kind of time, with dates on which they do not count.

Owns a volunteer's week and its exceptions. Unrolled eight weeks ahead into ordinary times marked `is_weekly`, which the
week alone writes; what was stated by hand, or has begun, is never touched. Availability of a week nobody confirmed for
too long is not proposed; own shifts stay, since somebody works them. Never: a reason for an absence.
"""
