"""Home, feature maps, filters, and how the 2012 network was trained."""
