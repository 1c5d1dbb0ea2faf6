# expects: version 3 is in no alias
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if line.startswith("live_in_flight") and f'{number}"}}' in line]
    return str(number) not in map(str, aliases.values()) and all(float(line.split()[-1]) == 0 for line in used)
