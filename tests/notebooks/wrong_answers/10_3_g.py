# expects: no alias points to version 1 and no request uses it
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if line.startswith(f'live_in_flight{{version="{number}"}}')]
    return str(number) not in str(aliases) and all(float(line.split()[-1]) == 0 for line in used)
