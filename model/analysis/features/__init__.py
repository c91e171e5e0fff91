"""What the last hidden layer's features do: neighbours, a new last layer."""
