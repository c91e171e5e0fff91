"""The training lab: experiments, their data, and what runs them."""
