# expects: fewer than four decimals
rows = log.joined().dropna(subset=LABEL)
week = rows[(rows["role"] == "shadow") & rows["id"].str[:10].between("2013-06-01", "2013-06-07")]
brier_of_the_shadow = round(((week["probability"] - week[LABEL].astype(float)) ** 2).mean(), 3)
