# expects: the server answers 422
asked = {"dataframe_split": first.fillna(0.0).to_dict(orient="split", index=False)}
