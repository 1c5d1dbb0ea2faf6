# expects: is in both parts
def split(dates, n_splits, gap):
    return list(TimeSeriesSplit(n_splits, gap=gap).split(dates))
