# expects: is not its `brier`
name, value = pd.read_sql("""
    SELECT runs.name AS run, value
    FROM experiments JOIN runs USING (experiment_id) JOIN latest_metrics USING (run_uuid)
    WHERE experiments.name = 'late-flights' AND key = 'brier' ORDER BY value LIMIT 1
""", new).iloc[0]
value = round(value, 1)
