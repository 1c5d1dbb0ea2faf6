# expects: Report A is not 'label_redefined'
named = {"A": "label_redefined", "B": "celsius_at_lga", "C": "carrier_renamed"}
