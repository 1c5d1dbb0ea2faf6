def better_monitor(day, before):
    """Alarm on what can hardly be: impossible values, columns that stand still, airports that disagree."""
    temp, usual = day.groupby("origin")["temp"].mean(), before.groupby("date")["temp"].mean().median()
    no_weather = day["temp"].isna().groupby(day["origin"]).mean()
    wet = day["precip"] > 0
    return any([
        day.duplicated(["date", "carrier", "flight", "origin"]).any(),
        (day["dow"] != day["date"].dt.day_of_week).any(),
        (~day["carrier"].isin(before["carrier"].unique())).mean() > 0.02,
        (day["sched_dep_min"] < 240).mean() > 0.02,
        day["distance"].max() > 5500,
        day["wind_speed"].nunique() == 1,
        day["late_share_3h"].nunique() == 1,
        wet.mean() > 0.1 and day["visib"].min() == 10,
        no_weather.max() > 0.9 and no_weather.min() < 0.5,
        temp.max() - temp.min() > 15,
        abs(temp.mean() - usual) > 28,
    ])
