# expects: `changes` is None
changes = None
