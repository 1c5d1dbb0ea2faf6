# expects: 'two weeks', which is not a number
wait = "two weeks"
