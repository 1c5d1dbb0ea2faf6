# expects: is not False
def known_distance(rows):
    usual = winter.groupby(["origin", "dest"])["distance"].first()
    there = [usual.get(tuple(r), d) for *r, d in zip(rows["origin"], rows["dest"], rows["distance"])]
    return rows["distance"] == pd.Series(there, index=rows.index)
