# expects: is this the position in the list
best_threshold = np.argmin([cost(*forecasts["March"], t, 3, 2).mean() for t in thresholds])
