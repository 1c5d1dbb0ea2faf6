# expects: look at partitionBy
last_hour = Window.orderBy("minute").rangeBetween(-194, -135)
busy = basic.withColumn("held_up_1h", F.sum("held_up").over(last_hour))
