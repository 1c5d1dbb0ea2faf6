# expects: replica 0 only, and only flights that have a label
scored = spark.read.parquet(SCORES.as_posix()).where("replica = 0")
gaps = scored.groupBy("month").agg((F.avg("score") - F.avg("late")).alias("gap"))
month, gap = gaps.orderBy("gap").first()
