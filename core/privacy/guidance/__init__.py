"""What ε means, what a guarantee covers, and which budget to choose."""
