"""A year in production, replayed: what was known when, policies of retraining, drills."""
