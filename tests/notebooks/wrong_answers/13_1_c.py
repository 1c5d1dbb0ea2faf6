# expects: which is not a number
number = "the next one"
