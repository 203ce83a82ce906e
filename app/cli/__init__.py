"""Commands without a window: `classify`, also on a cluster, and `--self-test`."""
