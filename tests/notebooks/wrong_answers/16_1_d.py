# expects: decorate a function
def grounded(outputs):
    return True
