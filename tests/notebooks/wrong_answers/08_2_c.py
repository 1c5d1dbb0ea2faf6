# expects: would do as well
limit = limits.max().round(2)
