# expects: one name around the rows
first = april[FEATURES].head(1)
body = first.to_json(orient="split")
