# expects: flights without a label were not trained on
february_rows = len(pd.read_parquet(paths.PREPARED / "2013-02.parquet"))
