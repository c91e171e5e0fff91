"""What is read off weights and activations: by numpy, without Keras."""
