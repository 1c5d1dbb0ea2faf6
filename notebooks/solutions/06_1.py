first = april[FEATURES].head(1)
body = '{"dataframe_records": ' + first.to_json(orient="records") + "}"
