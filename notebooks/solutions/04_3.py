costs = [cost(*forecasts["March"], threshold, 3, 2).mean() for threshold in thresholds]
best_threshold = thresholds[np.argmin(costs)]
