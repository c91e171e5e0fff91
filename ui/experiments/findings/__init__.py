"""What runs show: over seeds, over learning rates, why, and against the paper."""
