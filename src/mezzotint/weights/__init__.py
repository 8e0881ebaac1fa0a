"""Files and named tensors: safe reading, layouts, hashes, saving. Knows nothing of what the tensors are for."""
