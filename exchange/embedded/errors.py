"""The one failure of this room: a start that cannot happen, with the sentence to show."""


class StartRefused(Exception):
    """The embedded service cannot start; the text is one French sentence for the person at the terminal."""
