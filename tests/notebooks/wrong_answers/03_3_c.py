# expects: it cannot know that a comment does nothing
runs_again = {
    "learning_rate=0.1": {"train", "evaluate"},
    "months with 2013-04 added": {"train", "evaluate"},
    "a comment more in train.py": {"train", "evaluate"},
    "a file that notebook 7 writes into the workspace": set(),
}
