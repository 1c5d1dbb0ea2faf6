# expects: the test fails for the logistic regression
def test_delays_matter(predict, april):
    for origin, flights in april.groupby("origin"):
        few, many = (predict(flights.assign(late_share_3h=share)).mean() for share in (0.1, 0.6))
        assert many - few >= 0.25
