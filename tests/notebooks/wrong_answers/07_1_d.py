# expects: in the table
first = april[FEATURES].head(1)
row = first.astype(object).where(first.notna(), None)
body = json.dumps({"dataframe_records": row.assign(distance=str(row["distance"].iloc[0])).to_dict("records")})
