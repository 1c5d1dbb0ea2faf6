# expects: there is no answer yet
runs_again = {
    "learning_rate=0.1": {"train", "evaluate"},
    "months with 2013-04 added": ...,
    "a comment more in train.py": ...,
    "a file that notebook 7 writes into the workspace": ...,
}
