# expects: which is no rule yet
refused = [1, 2]
