# expects: the share of late flights
old = deltalake.DeltaTable(TABLE, version=1).to_pyarrow_dataset()
mean_before = duckdb.sql("SELECT avg(late) FROM old WHERE origin = 'LGA'").fetchall()[0][0]
