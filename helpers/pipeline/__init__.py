"""What notebook 12 adds: a folder for Dagster, tables of what ran, and the repository of a team."""
