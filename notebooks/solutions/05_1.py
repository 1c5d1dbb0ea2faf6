def split(dates, n_splits, gap):
    """Return pairs of row positions: earlier days to train on, and later ones to validate on, `gap` days apart."""
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    pairs = TimeSeriesSplit(n_splits, gap=gap).split(days)
    return [tuple(np.flatnonzero(dates.isin(days[part])) for part in pair) for pair in pairs]
