"""Closing drills: « cette maison ferme ce soir », solved on a copy where everything promised to others stays.

Invariants: a drill writes its own table alone; what it finds becomes real by the ordinary commands, line by line, once
somebody has chosen. Never: a name, nor a promise to anybody.
"""
