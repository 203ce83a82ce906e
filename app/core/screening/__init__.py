"""The use cases: one image end to end, a batch on all cores, what a window asks for."""
