# expects: the alias `previous` points to version 5
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if line.startswith(f'live_in_flight{{version="{number}"}}')]
    return str(number) != aliases["champion"] and all(float(line.split()[-1]) == 0 for line in used)
