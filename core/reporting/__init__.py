"""The report of an audit, as HTML and as JSON."""
