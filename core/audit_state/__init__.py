"""An audit's settings and results in a workspace."""
