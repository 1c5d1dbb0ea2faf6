# expects: look at the route, not at the distance alone
def known_distance(rows):
    here = rows["dest"].isin(winter["dest"]) & rows["distance"].isin(winter["distance"])
    known = set(zip(winter["origin"], winter["dest"]))
    return here & pd.Series([route in known for route in zip(rows["origin"], rows["dest"])], index=rows.index)
