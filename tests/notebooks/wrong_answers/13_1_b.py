# expects: none is of the program
number = 2
