# expects: one mile too long
def known_distance(rows):
    usual = winter.groupby(["origin", "dest"])["distance"].agg(["min", "max"])
    ends = usual.reindex(pd.MultiIndex.from_frame(rows[["origin", "dest"]]))
    return rows["distance"].between(ends["min"].to_numpy() - 1, ends["max"].to_numpy() + 1)
