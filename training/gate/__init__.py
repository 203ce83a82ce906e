"""The training of the gate, which tells dermoscopy from other pictures by the network's features."""
