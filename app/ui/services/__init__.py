"""Qt objects without a look: workers, settings, current model, notices, autosave, error dialog, wording."""
