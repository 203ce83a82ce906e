"""The network that tells dermoscopy from other pictures."""
