# expects: the whole of June
rows = log.joined().dropna(subset=LABEL)
month = rows[(rows["role"] == "shadow") & rows["id"].str.startswith("2013-06")]
brier_of_the_shadow = ((month["probability"] - month[LABEL].astype(float)) ** 2).mean()
