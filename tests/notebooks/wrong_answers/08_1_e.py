# expects: the share 1 / 20,000 stays as it is
def psi_of_labels(reference, current):
    counted = [column.value_counts(normalize=True, dropna=False) for column in (reference, current)]
    p, q = pd.concat(counted, axis=1).fillna(0).clip(lower=1e-4).to_numpy().T
    return np.sum((q - p) * np.log(q / p))
