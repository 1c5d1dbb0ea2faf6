# expects: for version 1, and True is right
def can_retire(number, aliases, metrics):
    used = [line for line in metrics.splitlines() if f'version="{number}"' in line]
    return str(number) not in map(str, aliases.values()) and all(float(line.split()[-1]) == 0 for line in used)
