"""The page for the settings, and the choice of the model."""
