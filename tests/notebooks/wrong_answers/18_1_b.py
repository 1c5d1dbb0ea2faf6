# expects: write `assert` in place of `return`
def test_delays_matter(predict, april):
    for origin, flights in april.groupby("origin"):
        few, many = (predict(flights.assign(late_share_3h=share)).mean() for share in (0.1, 0.6))
        if many - few < 0.05:
            return False
    return True
