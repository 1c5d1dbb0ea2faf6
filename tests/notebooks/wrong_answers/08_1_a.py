# expects: labels of one side only
def psi_of_labels(reference, current):
    p = reference.value_counts(normalize=True, dropna=False)
    q = current.value_counts(normalize=True, dropna=False).reindex(p.index).fillna(0).clip(lower=1e-4)
    return np.sum((q - p) * np.log(q / p))
