# expects: a hard day is hard for both forecasts
own, base = (forecasts["trees"] - march[LABEL]) ** 2, (base_rate - march[LABEL]) ** 2
difference_to_base = own.mean() - base.mean()
ours, theirs = monitoring.mean_interval(own, march["date"]), monitoring.mean_interval(base, march["date"])
low, high = ours[0] - theirs[1], ours[1] - theirs[0]
