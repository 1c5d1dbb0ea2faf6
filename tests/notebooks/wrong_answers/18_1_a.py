# expects: a model that does not use the delays at LGA
def test_delays_matter(predict, april):
    few, many = (predict(april.assign(late_share_3h=share)).mean() for share in (0.1, 0.6))
    assert many - few >= 0.05
