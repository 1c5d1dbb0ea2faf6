# expects: Give a dict
named = None
