"""The window: Qt only; it asks `app.core` and decides nothing about images or probabilities."""
