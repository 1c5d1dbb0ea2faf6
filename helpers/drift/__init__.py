"""Drift between a reference and current data: profiles, distances, thresholds.

`ReferenceProfile` keeps what training looked like and compares new data with it; the distances compare
two columns without a profile.
"""
from helpers.drift.distances import chi_square, jensen_shannon, ks, psi, psi_of_counts, wasserstein
from helpers.drift.profile import ALL, ReferenceProfile
from helpers.drift.thresholds import NEGLIGIBLE

__all__ = ["ALL", "NEGLIGIBLE", "ReferenceProfile"]
__all__ += ["chi_square", "jensen_shannon", "ks", "psi", "psi_of_counts", "wasserstein"]
