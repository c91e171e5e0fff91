"""The concept inventory: what students think of the network, before and after."""
