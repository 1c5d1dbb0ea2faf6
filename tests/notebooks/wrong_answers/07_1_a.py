# expects: NaN stands in the body
first = april[FEATURES].head(1)
body = json.dumps({"dataframe_records": first.to_dict("records")})
