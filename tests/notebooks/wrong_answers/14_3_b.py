# expects: that still have a score
new = deltalake.DeltaTable(TABLE).to_pyarrow_dataset()
mean_before = duckdb.sql("SELECT avg(score) FROM new").fetchall()[0][0]
