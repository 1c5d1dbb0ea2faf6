# expects: A request with decimal numbers is not scored
lenient = SIGNATURE
