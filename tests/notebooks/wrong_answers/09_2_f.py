# expects: origin 'BOS' is still taken
StrictFlight = Flight
