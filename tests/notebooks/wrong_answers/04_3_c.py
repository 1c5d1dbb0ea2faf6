# expects: another threshold costs less
best_threshold = 0.5
