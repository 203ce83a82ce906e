"""The look: colours, type and distances, the style of Qt's controls, icons, the advice's symbols, the focus."""
