# expects: the first part of a pair is the training
def split(dates, n_splits, gap):
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    pairs = TimeSeriesSplit(n_splits, gap=gap).split(days)
    return [tuple(np.flatnonzero(dates.isin(days[part])) for part in pair[::-1]) for pair in pairs]
