"""The table of a bias audit under New York City's Local Law 144."""
