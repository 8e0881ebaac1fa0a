"""The maths of noise: how it was added in training, and the ways of taking it away again."""
