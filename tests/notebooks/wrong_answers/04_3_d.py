# expects: not one of the `thresholds`
best_threshold = 0.384
