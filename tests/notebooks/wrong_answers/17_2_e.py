# expects: `first` is one flight
asked = json.loads(json.dumps(tensors(unseen[COLUMNS].head(2))).replace("NaN", "null"))
