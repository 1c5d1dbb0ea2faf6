# expects: the logistic model minus the base rate
gained = (forecasts["logistic"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
difference_to_base = gained.mean()
low, high = monitoring.mean_interval(gained, march["date"])
