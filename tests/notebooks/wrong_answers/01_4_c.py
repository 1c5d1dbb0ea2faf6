# expects: put a pa.DataFrameSchema into
schema = {"origin": ["EWR", "JFK", "LGA"], "humid": (0, 100), "late_share_3h": (0, 1)}
