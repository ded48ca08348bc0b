"""What pages are made of: session state, pickers, charts, tables and progress."""
