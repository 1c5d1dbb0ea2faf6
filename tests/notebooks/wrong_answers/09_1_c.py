# expects: the mean of (probability - late) ** 2
brier_of_the_shadow = 0.2
