"""Commands without a window: `classify`, `--self-test`."""
