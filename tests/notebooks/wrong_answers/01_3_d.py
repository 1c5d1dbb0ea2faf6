# expects: which is not a number
yesterday = None
