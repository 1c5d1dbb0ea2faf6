# expects: of all flights
old = deltalake.DeltaTable(TABLE, version=1).to_pyarrow_dataset()
mean_before = duckdb.sql("SELECT avg(score) FROM old").fetchall()[0][0]
