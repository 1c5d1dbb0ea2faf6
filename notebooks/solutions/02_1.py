difference = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
low, high = monitoring.mean_interval(difference, march["date"])
