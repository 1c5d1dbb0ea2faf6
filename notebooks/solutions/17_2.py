asked = tensors(first)
for tensor in asked["inputs"]:
    tensor["data"] = [None if pd.isna(value) else value for value in tensor["data"]]
