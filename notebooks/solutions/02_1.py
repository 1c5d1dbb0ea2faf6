squared_difference = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
difference_to_base = squared_difference.mean()
low, high = monitoring.mean_interval(squared_difference, march["date"])
