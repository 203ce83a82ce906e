"""The network that outlines the lesion."""
