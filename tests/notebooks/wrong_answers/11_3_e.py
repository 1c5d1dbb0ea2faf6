# expects: and at most 7 are allowed
summer = flights[flights["date"].between("2013-04-29", "2013-08-31")].groupby("date")["temp"].mean()


def better_monitor(day, before):
    return (
        not summer.min() <= day["temp"].mean() <= summer.max()
        or day.duplicated(["carrier", "flight", "origin"]).any()
        or (day["dow"] != day["date"].dt.day_of_week).any()
    )
