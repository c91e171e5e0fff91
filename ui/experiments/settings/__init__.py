"""What an experiment is run with: values, device, one's own data."""
