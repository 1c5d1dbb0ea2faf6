# expects: a hard day is hard for both forecasts
ours = monitoring.mean_interval((forecasts["trees"] - march[LABEL]) ** 2, march["date"])
theirs = monitoring.mean_interval((base_rate - march[LABEL]) ** 2, march["date"])
low, high = ours[0] - theirs[1], ours[1] - theirs[0]
