# expects: A share lies between 0 and 1
cancelled_share = raw.loc[raw["tailnum"].isna(), "dep_time"].isna().sum()
