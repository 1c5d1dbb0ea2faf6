# expects: 35 days are enough, but fewer would do as well
wait = "35 days"
