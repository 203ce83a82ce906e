"""The training loop: runs and checkpoints, steps, losses, input pipeline, distribution."""
