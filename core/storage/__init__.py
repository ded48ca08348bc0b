"""Files on disk: locks, layout, records, signed files, workspaces; nothing of the domain."""
