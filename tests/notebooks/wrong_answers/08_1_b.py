# expects: they are a cell of their own
def psi_of_labels(reference, current):
    counted = [column.value_counts(normalize=True) for column in (reference, current)]
    p, q = pd.concat(counted, axis=1).fillna(1e-4).to_numpy().T
    return np.sum((q - p) * np.log(q / p))
