# expects: ask it the other way round
cancelled_share = raw.loc[raw["dep_time"].isna(), "tailnum"].isna().mean()
