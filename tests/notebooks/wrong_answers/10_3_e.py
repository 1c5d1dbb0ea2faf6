# expects: raises IndexError
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if line.startswith(f'live_in_flight{{version="{number}"}}')]
    return str(number) not in map(str, aliases.values()) and float(used[0].split()[-1]) == 0
