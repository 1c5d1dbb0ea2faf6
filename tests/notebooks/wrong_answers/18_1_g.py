# expects: a model that does not use the delays, and should fail
def test_delays_matter(predict, april):
    for origin, flights in april.groupby("origin"):
        assert 0 < predict(flights).mean() < 1
