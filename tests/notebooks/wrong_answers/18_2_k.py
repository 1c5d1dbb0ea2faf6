# expects: which is no rule yet
refused = 100
