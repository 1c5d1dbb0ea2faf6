# expects: the test changes `april`
def test_delays_matter(predict, april):
    april["late_share_3h"] = 0.1
    few = predict(april)
    april["late_share_3h"] = 0.6
    many = predict(april)
    for origin in ["EWR", "JFK", "LGA"]:
        assert (many - few)[april["origin"] == origin].mean() >= 0.05
