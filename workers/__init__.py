"""The door of jobs: what remains to be done after a commit, found again in PostgreSQL whatever happened to Redis."""
