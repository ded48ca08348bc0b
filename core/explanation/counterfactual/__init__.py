"""The smallest changes that flip a decision, and recourse by group."""
