# expects: is not a function yet
may_evaluate = True
