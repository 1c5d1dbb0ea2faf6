"""Notebook 17's plumbing: quiet clients, the readers of their files, and the manifests that a cluster would take."""
