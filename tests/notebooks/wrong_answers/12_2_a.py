# expects: HA, with 150 flights, has no label
def carriers_are_in(month, past):
    return month["late"].notna().mean() >= 0.9 * past["late"].notna().mean()
