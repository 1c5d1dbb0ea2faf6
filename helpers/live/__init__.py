"""The live server: it predicts over REST, logs its answers and follows the registry."""
