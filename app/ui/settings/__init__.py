"""The settings dialog and the choice of the model."""
