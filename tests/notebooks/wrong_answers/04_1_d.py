# expects: is a value of type DataFrame
lenient = flight.astype({"distance": "float"})
