# expects: decide(429) is "repair"
def decide(status):
    if status == 200:
        return "use"
    return "repair" if status in range(400, 500) else "retry"
