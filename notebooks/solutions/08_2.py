second_largest = windows.max().sort_values().iloc[-2]
limit = np.ceil(second_largest * 100) / 100
