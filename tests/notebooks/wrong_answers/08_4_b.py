# expects: Look again at report A:
named = {"A": "label_redefined", "B": "celsius_at_lga", "C": "carrier_renamed"}
