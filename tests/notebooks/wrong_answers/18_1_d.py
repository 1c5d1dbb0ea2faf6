# expects: and should pass
def test_delays_matter(predict, april):
    few, many = (predict(april.assign(late_share_3h=share)) for share in (0.1, 0.6))
    assert (many - few).min() > 0
    for origin in ["EWR", "JFK", "LGA"]:
        assert (many - few)[april["origin"] == origin].mean() >= 0.05
