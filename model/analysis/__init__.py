"""Statistics and sentences of weights and activations, by numpy, without Keras."""
