"""The machine: folders, settings file, atomic writes, log, versions and licences, display."""
