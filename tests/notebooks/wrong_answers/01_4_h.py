# expects: It lets an origin 'JFKX' pass
schema = pa.DataFrameSchema(
    {
        "origin": pa.Column(str, pa.Check.str_matches("EWR|JFK|LGA")),
        "humid": pa.Column(float, pa.Check.in_range(0, 100), nullable=True),
        "late_share_3h": pa.Column(float, pa.Check.in_range(0, 1), nullable=True),
    }
)
