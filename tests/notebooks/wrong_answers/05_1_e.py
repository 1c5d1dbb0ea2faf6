# expects: must train on all flights to
def split(dates, n_splits, gap):  # one day too many is left out
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    pairs = TimeSeriesSplit(n_splits, gap=gap + 1).split(days)
    return [tuple(np.flatnonzero(dates.isin(days[part])) for part in pair) for pair in pairs]
