# expects: which is not a number
limit = True
