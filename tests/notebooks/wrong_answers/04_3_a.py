# expects: the other way round
best_threshold = thresholds[np.argmin([cost(*forecasts["March"], t, 2, 3).mean() for t in thresholds])]
