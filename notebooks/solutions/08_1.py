def psi_of_labels(reference, current):
    counted = [column.value_counts(normalize=True, dropna=False) for column in (reference, current)]
    shares = pd.concat(counted, axis=1).fillna(0).replace(0, 1e-4)
    p, q = shares.iloc[:, 0], shares.iloc[:, 1]
    return np.sum((q - p) * np.log(q / p))
