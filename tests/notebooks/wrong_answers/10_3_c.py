# expects: ten requests still use version 6
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if line.startswith(f'live_in_flight{{version="{number}"}}')]
    return str(number) not in map(str, aliases.values()) and all(line.endswith("0.0") for line in used)
