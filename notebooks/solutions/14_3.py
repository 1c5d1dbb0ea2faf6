old = deltalake.DeltaTable(TABLE, version=1).to_pyarrow_dataset()
new = deltalake.DeltaTable(TABLE).to_pyarrow_dataset()
mean_before = duckdb.sql("""
    SELECT avg(old.score) FROM old JOIN new USING (row) WHERE new.score IS NULL
""").fetchall()[0][0]
