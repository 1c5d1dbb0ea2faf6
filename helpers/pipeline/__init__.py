"""What notebooks 12 and 18 add: a folder for Dagster, tables of what ran, the repository of a team, alerts."""
