"""What is charged: ε and δ, composition, contribution and budgets."""
