# expects: has more than two decimals
limit = windows.max().sort_values().iloc[-2] + 0.004
