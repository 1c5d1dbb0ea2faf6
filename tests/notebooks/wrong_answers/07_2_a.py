# expects: the same body would be refused again
def decide(status):
    return "use" if status == 200 else "retry"
