carrier, share = duckdb.sql("""
    SELECT carrier, avg(late) AS share FROM read_parquet($files)
    WHERE month = 12 GROUP BY carrier HAVING count(late) >= 10000 ORDER BY share DESC LIMIT 1
""", params={"files": f"{FLIGHTS.as_posix()}/*/*/*.parquet"}).fetchall()[0]
