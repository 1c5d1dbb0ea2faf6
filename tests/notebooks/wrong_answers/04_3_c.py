# expects: as pip knows it
missed = {"pandera.pandas"}
