first = april[FEATURES].head(1)
row = first.astype(object).where(first.notna(), None)
body = json.dumps({"dataframe_records": row.to_dict(orient="records")})
