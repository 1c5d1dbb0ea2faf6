# expects: none of the thirteen
named = {"A": "late labels", "B": "celsius_at_lga", "C": "carrier_renamed"}
