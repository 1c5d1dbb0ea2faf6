# expects: is not the run
name, value = pd.read_sql("""
    SELECT runs.name AS run, value
    FROM experiments JOIN runs USING (experiment_id) JOIN latest_metrics USING (run_uuid)
    WHERE experiments.name = 'late-flights' AND key LIKE 'brier%%' ORDER BY value LIMIT 1
""", new).iloc[0]
