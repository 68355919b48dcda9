"""One judge a figure: a pure function from a history to a judgement."""
