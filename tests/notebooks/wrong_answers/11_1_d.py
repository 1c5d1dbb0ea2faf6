# expects: give a whole number of days
wait = 33.5
