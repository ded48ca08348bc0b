"""Where large tables lie: folders and connections."""
