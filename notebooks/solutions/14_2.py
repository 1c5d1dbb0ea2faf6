labelled = spark.read.parquet(SCORES.as_posix()).where("replica = 0 AND late IS NOT NULL")
gaps = labelled.groupBy("month").agg(F.avg(F.col("score") - F.col("late")).alias("gap"))
month, gap = gaps.orderBy("gap").first()
