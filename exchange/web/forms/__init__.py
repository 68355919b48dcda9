"""From what was typed to a command's frozen input; every mistake is told at once, beside its field."""
