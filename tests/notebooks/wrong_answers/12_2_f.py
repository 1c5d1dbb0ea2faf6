# expects: not a function yet
carriers_are_in = True
