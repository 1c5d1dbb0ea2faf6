# expects: The sign is the other way round
gained = (base_rate - march[LABEL]) ** 2 - (forecasts["trees"] - march[LABEL]) ** 2
difference_to_base = gained.mean()
low, high = monitoring.mean_interval(gained, march["date"])
