"""Pictures that come by themselves: watched folders, memory cards, and the list of what arrived."""
