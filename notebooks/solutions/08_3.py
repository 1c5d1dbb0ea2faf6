fired = by_month.max() > 0.25
silent = ~gaps["alarm"].astype(bool)
false_alarms = list(gaps.index[fired & silent])
