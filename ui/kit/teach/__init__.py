"""One's own classes on the network: the panel, the workspace, its addresses."""
