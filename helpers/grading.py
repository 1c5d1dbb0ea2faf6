"""Where the first edition kept how to grade, which settings of nbgrader from then ask for; it would go on without."""


def __getattr__(name: str) -> None:
    """End nbgrader, which else gives a mark for every check that shows no error."""
    if name != "steps":
        raise AttributeError(name)
    raise SystemExit(
        "Assignments of the course's first edition are graded with that edition, in a folder of its own, as its "
        "notebooks had other numbers. For new ones, `python -m helpers assignment` renews nbgrader_config.py."
    )
