# expects: write a class
StrictFlight = ["EWR", "JFK", "LGA"]
