# expects: has not the lowest gap
labelled = spark.read.parquet(SCORES.as_posix()).where("replica = 0 AND late IS NOT NULL")
gaps = labelled.groupBy("month").agg(F.avg(F.col("late") - F.col("score")).alias("gap"))
month, gap = gaps.orderBy("gap").first()
