"""Set-up: the environment, its packages, Java, JupyterLab, and the check of the machine.

This runs before anything is installed, so its modules import the standard library and `helpers.paths` alone;
what else they need is imported in the function that needs it.
"""
