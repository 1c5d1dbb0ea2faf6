# expects: different answers when it is asked again
import random


def in_canary(id, share):
    return random.random() < share
