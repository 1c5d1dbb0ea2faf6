# expects: that travels as null
first = april[FEATURES].head(1)
body = '{"dataframe_records": ' + first.fillna(0).to_json(orient="records") + "}"
