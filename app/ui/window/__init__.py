"""The main window: navigation, opening, menus, notices, and the wiring of the pages."""
