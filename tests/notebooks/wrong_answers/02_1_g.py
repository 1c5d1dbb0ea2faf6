# expects: were single days drawn?
gained = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
difference_to_base = gained.mean()
low, high = monitoring.mean_interval(gained, march["date"], block=1)
