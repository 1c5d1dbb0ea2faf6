# expects: with at least 10,000 labelled flights
carrier, share = duckdb.sql("""
    SELECT carrier, avg(late) AS share FROM read_parquet($files)
    WHERE month = 12 GROUP BY carrier ORDER BY share LIMIT 1
""", params={"files": f"{FLIGHTS.as_posix()}/*/*/*.parquet"}).fetchall()[0][0].lower(), 0.5
