# expects: An exponential wait has a long tail
wait = 14
