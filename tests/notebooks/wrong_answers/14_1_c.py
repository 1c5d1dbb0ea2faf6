# expects: has a larger share
carrier, share = duckdb.sql(f"""
    SELECT carrier, avg(late) AS share FROM read_parquet('{FLIGHTS.as_posix()}/*/*/*.parquet')
    WHERE month = 12 GROUP BY carrier HAVING count(late) >= 10000 ORDER BY share LIMIT 1
""").fetchall()[0]
