"""Exercises as a graded assignment, for an instructor with nbgrader.

`assignment` makes one from a notebook, `steps` is what nbgrader runs on each submission, and
`marking` is what runs inside a submission's kernel and asks the course's own checks.

The grader is nbgrader and not Otter-Grader, which is kept as well: nbgrader grades a whole class
with one command on this machine, where Otter starts a Docker container for each submission, and it
adds a tenth of the packages.
"""
