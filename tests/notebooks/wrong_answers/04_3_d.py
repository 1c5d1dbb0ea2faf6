# expects: comes with another package
missed = ["pandera", "typeguard"]
