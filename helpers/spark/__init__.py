"""Spark sessions and a small cluster on this machine, and the flights grown for them."""
