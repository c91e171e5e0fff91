"""The network on a page: its layers, maps, calculators, crops, activations."""
