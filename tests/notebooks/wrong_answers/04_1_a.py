# expects: distances in km still pass
def known_distance(rows):
    known = set(zip(winter["origin"], winter["dest"]))
    return pd.Series([route in known for route in zip(rows["origin"], rows["dest"])], index=rows.index)
