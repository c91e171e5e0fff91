"""What a network is: its layers, their shapes, and the Keras model built of them."""
