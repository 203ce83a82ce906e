"""Style and small widgets that several pages use."""
