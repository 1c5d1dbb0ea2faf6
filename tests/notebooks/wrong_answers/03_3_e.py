# expects: keep the dictionary of the blank
runs_again = None
