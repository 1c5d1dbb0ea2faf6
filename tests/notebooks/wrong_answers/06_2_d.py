# expects: which is not a number
february_rows = "twenty thousand"
