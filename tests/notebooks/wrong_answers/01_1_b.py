# expects: a share of all flights
cancelled_share = raw["dep_time"].isna().mean()
