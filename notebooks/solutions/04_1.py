known = set(zip(winter["origin"], winter["dest"], winter["distance"]))


def known_distance(rows):
    """Return whether each row's distance is one that winter has for its route."""
    routes = zip(rows["origin"], rows["dest"], rows["distance"])
    return pd.Series([route in known for route in routes], index=rows.index)
