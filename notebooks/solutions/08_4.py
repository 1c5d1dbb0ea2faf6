# A: no feature stands out, fewer labels are in than ever, and fewer of them are late.
# B: a large share of the flights, not all, is colder than any in September.
# C: one flight in six has a carrier that September did not know.
named = {"A": "late_labels_outstanding", "B": "celsius_at_lga", "C": "carrier_renamed"}
