# expects: which is not a number
difference_to_base = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
low, high = monitoring.mean_interval(difference_to_base, march["date"])
