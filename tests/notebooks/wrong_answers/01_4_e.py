# expects: It lets a share of 1.01 pass
schema = pa.DataFrameSchema(
    {
        "origin": pa.Column(str, pa.Check.isin(["EWR", "JFK", "LGA"])),
        "humid": pa.Column(float, pa.Check.in_range(0, 100), nullable=True),
        "late_share_3h": pa.Column(float, pa.Check.in_range(-0.4, 1.4), nullable=True),
    }
)
