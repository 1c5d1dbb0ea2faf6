cancelled_share = raw.loc[raw["tailnum"].isna(), "dep_time"].isna().mean()
