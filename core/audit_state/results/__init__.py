"""Results that an audit keeps, each found again or computed."""
